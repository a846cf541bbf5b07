import test from 'ava';
import {candidates} from '../../src/engine/engines.js';

test('auto prefers torch on CUDA, torch on the CPU, TensorFlow, and then WebAssembly', t => {
  t.deepEqual(
    candidates('auto').map(({kind}) => kind),
    ['torch:cuda', 'torch:cpu', 'tensorflow', 'wasm'],
  );
});

test('a CUDA device keeps its number', t => {
  t.deepEqual(candidates('torch:cuda:3'), [{kind: 'torch:cuda', device: 'cuda:3'}]);
  t.deepEqual(candidates('torch:cuda'), [{kind: 'torch:cuda', device: 'cuda:0'}]);
});

test('an unknown name is refused with the nearest one and the list', t => {
  const error = t.throws(() => candidates('wasn'), {instanceOf: TypeError});
  t.regex(error.message, /no engine "wasn".*Did you mean "wasm"\?.*torch:cuda:0, tensorflow, wasm, cpu/s);
  t.throws(() => candidates('torch:cuda:'), {message: /no engine "torch:cuda:"/});
});
