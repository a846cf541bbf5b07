import * as tf from '@tensorflow/tfjs-core';
import {quietCpuBackend} from '../cpu.js';
import {type BackendWasm, wasmKernel} from './wasmKernel.js';

/** Kernels that the library lacks and that no model's hot path needs; complex numbers it cannot hold at all. */
const rarelyUsed = [tf.Einsum, tf.RaggedRange, tf.StaticRegexReplace] as const;

const counts = new Map<string, number>();

/** How often each kernel of the wasm engine ran on tfjs's plain JavaScript kernels. */
export function wasmFallbacks(): Record<string, number> {
  return Object.fromEntries(counts);
}

/** What the kernels of tfjs's cpu backend use of it, beyond the interface. */
type CpuBackend = tf.KernelBackend & {
  makeTensorInfo(shape: number[], dtype: tf.DataType, values: tf.BackendValues): tf.TensorInfo;
};

/** Runs a kernel on tfjs's cpu backend: inputs are copied there and results back. Each run is counted. */
export const cpuFallbackKernels: tf.KernelConfig[] = rarelyUsed.map(kernelName =>
  wasmKernel<Record<string, tf.TensorInfo>, tf.NamedAttrMap>(kernelName, (inputs, attrs, backend) => {
    counts.set(kernelName, (counts.get(kernelName) ?? 0) + 1);
    const cpu = tf.findBackend('cpu') as CpuBackend;
    quietCpuBackend();
    // Einsum takes its inputs as an array: the keys are indices then.
    const copies = (Array.isArray(inputs) ? [] : {}) as Record<string, tf.TensorInfo>;
    for (const [name, {shape, dtype, dataId}] of Object.entries(inputs)) {
      copies[name] = cpu.makeTensorInfo(shape, dtype, backend.readSync(dataId));
    }
    const results = tf.getKernel(kernelName, 'cpu').kernelFunc({inputs: copies, attrs, backend: cpu});
    const outputs = [results].flat().map(result => moveFrom(cpu, result, backend));
    for (const {dataId} of Object.values(copies)) cpu.disposeData(dataId);
    return Array.isArray(results) ? outputs : outputs[0];
  }),
);

function moveFrom(
  cpu: CpuBackend,
  {dataId, shape, dtype}: tf.TensorInfo,
  backend: BackendWasm,
): tf.TensorInfo {
  const values = cpu.readSync(dataId);
  cpu.disposeData(dataId);
  return {dataId: backend.write(values, shape, dtype) as tf.DataId, shape, dtype};
}
