import type {ExpectedFailure} from './compare.js';

/** The specs that fail on each engine, and why. */
export const expected: Record<string, ExpectedFailure[]> = {
  torch: [
    {
      spec: /^maxPool(3d|WithArgmax)? torch .* ignores NaNs$/,
      reason:
        'The maximum of a window with NaN in it is NaN, as in PyTorch: what has diverged must not look sound.',
    },
  ],
  wasm: [
    {
      message:
        /Kernel '(Complex|Einsum|RaggedRange|RaggedTensorToTensor|RaggedGather|StaticRegexReplace)' not/,
      reason: 'tfjs-backend-wasm has no complex numbers, einsum, ragged tensors or regular expressions.',
    },
    {
      message: /does not support dataFormat:'(NCHW|channelsFirst)'/,
      reason: 'tfjs-backend-wasm convolves NHWC only.',
    },
    {
      message: /only supports rank-1 bias but got rank/,
      reason: 'tfjs-backend-wasm fuses a bias of one value a channel only.',
    },
    {
      message: /BatchMatMul for non non-float32 tensors not yet supported/,
      reason: 'tfjs-backend-wasm multiplies float32 matrices only.',
    },
    {
      message: /Unknown dtype string/,
      reason: 'tfjs-backend-wasm fills no tensors of strings.',
    },
    {
      spec: /(string comparison|for string|string tensor)$/,
      reason: 'tfjs-backend-wasm takes the address of a string for its text, or aborts.',
    },
    {
      message: /Backend 'wasm' has an internal memory leak|reading 'backend'/,
      reason:
        'So does the stock engine: its kernels keep data that the check for leaks counts, or give some away twice.',
    },
    {
      spec: /^(clipByValue wasm .*(basic vec4|propagates NaNs)|tensor wasm .* -> bool|slice2d wasm .* out of bounds slice)$/,
      reason: 'tfjs-backend-wasm clips NaN, casts to bool without comparing, and checks no bounds of slices.',
    },
    {
      spec: /^(threshold wasm .* otsu|pool wasm .* fractional outputs default rounding$)/,
      reason:
        'tfjs-backend-wasm counts no bins along one axis and reads outside the image when a window starts there.',
    },
    {
      spec: /^gradient registry wasm .* register a kernel with gradient/,
      reason: 'It counts tensor ids, and tfjs-backend-wasm makes some of its own.',
    },
  ],
};
