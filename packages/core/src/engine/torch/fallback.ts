import * as tf from '@tensorflow/tfjs-core';
import {findData} from './table.js';

const counts = new Map<string, number>();

/** How often each kernel of the torch engine ran on tfjs's cpu kernels since the last reset. */
export function fallbacks(): Record<string, number> {
  return Object.fromEntries([...counts].sort(([, a], [, b]) => b - a));
}

/** Starts the count of {@link fallbacks} anew. */
export function resetFallbacks(): void {
  counts.clear();
}

/** Gives the torch backend every kernel that only tfjs's cpu backend has; returns their names. */
export function registerFallbacks(): string[] {
  const names: string[] = [];
  for (const {kernelName} of tf.getKernelsForBackend('cpu')) {
    if (tf.getKernel(kernelName, 'torch')) continue;
    tf.registerKernel({kernelName, backendName: 'torch', kernelFunc: call => runOnCpu(kernelName, call)});
    names.push(kernelName);
  }
  return names;
}

type KernelCall = Parameters<tf.KernelFunc>[0];

/** What the kernels of tfjs's cpu backend use of it, beyond the interface. */
interface CpuBackend extends tf.KernelBackend {
  makeTensorInfo(shape: number[], dtype: tf.DataType, values?: tf.BackendValues): tf.TensorInfo;
}

/** Reads the inputs back, runs the cpu backend's kernel on them and uploads what it returns. Counted. */
export function runOnCpu(kernelName: string, {inputs, attrs}: KernelCall): tf.TensorInfo | tf.TensorInfo[] {
  const kernel = tf.getKernel(kernelName, 'cpu');
  if (!kernel) throw new Error(`${kernelName}: neither torch nor tfjs's cpu backend has this kernel`);
  counts.set(kernelName, (counts.get(kernelName) ?? 0) + 1);
  const cpu = tf.findBackend('cpu') as CpuBackend;
  const torch = tf.findBackend('torch') as tf.KernelBackend;

  // Some kernels take an array as their inputs (Concat): its keys are indices, its type an array all the same.
  const copies = (Array.isArray(inputs) ? [] : {}) as tf.NamedTensorInfoMap;
  const made: tf.TensorInfo[] = [];
  const copy = (info: tf.TensorInfo) => {
    const copied = toCpu(info, cpu, torch);
    made.push(copied);
    return copied;
  };
  try {
    for (const [key, input] of Object.entries(inputs)) {
      // The ragged kernels have lists among their inputs, whatever the type says.
      const given = input as tf.TensorInfo | tf.TensorInfo[] | undefined;
      copies[key] = (Array.isArray(given) ? given.map(copy) : given && copy(given)) as tf.TensorInfo;
    }
    const results = kernel.kernelFunc({inputs: copies, ...(attrs && {attrs}), backend: cpu});
    return Array.isArray(results)
      ? results.map(result => fromCpu(result, cpu, torch))
      : fromCpu(results, cpu, torch);
  } finally {
    for (const {dataId} of made) cpu.disposeData(dataId);
  }
}

function toCpu(
  {dataId, shape, dtype}: tf.TensorInfo,
  cpu: CpuBackend,
  torch: tf.KernelBackend,
): tf.TensorInfo {
  const values = torch.readSync(dataId);
  // Some kernels ask for the rank, as if they got tensors.
  const rank = {rank: shape.length};
  if (dtype !== 'complex64') return {...cpu.makeTensorInfo(shape, dtype, values), ...rank};
  const interleaved = values as Float32Array;
  const part = (offset: number) =>
    cpu.makeTensorInfo(
      shape,
      'float32',
      interleaved.filter((_, i) => i % 2 === offset),
    );
  const [real, imag] = [part(0), part(1)];
  const complex = tf.getKernel('Complex', 'cpu').kernelFunc({inputs: {real, imag}, backend: cpu});
  cpu.disposeData(real.dataId);
  cpu.disposeData(imag.dataId);
  return complex as tf.TensorInfo;
}

function fromCpu(info: tf.TensorInfo, cpu: CpuBackend, torch: tf.KernelBackend): tf.TensorInfo {
  // A portable kernel may have composed tfjs ops, and those ran here.
  if (findData(info.dataId)) return info;
  const {shape, dtype} = info;
  const dataId = torch.write(cpu.readSync(info.dataId), shape, dtype);
  cpu.disposeData(info.dataId);
  return {dataId, shape, dtype};
}
