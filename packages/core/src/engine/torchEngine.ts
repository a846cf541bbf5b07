import type {Engine, EngineFacts} from './engines.js';
import {registerTorch, torchAvailable} from './torch/index.js';

/** Our own engine, on CUDA devices or on the CPU. */
export const torchEngine = (kind: 'torch:cuda' | 'torch:cpu'): Engine => ({
  kind,
  backend: 'torch',
  async obstacles(device) {
    const found = torchAvailable();
    if (!found.ok) return found.reasons;
    const names = found.devices.map(({name}) => name);
    if (names.includes(device)) return [];
    return [
      `libtorch ${found.version} has no device ${device}, only ${names.join(', ')}. ` +
        'A CUDA device takes an NVIDIA driver and a libtorch built with CUDA, such as `pip install torch`; ' +
        'point TORCH_DIR at it and run `npx foveal-native`.',
    ];
  },
  async register(device): Promise<EngineFacts> {
    await registerTorch(device);
    const found = torchAvailable();
    if (!found.ok) throw new Error(found.reasons.join('\n'));
    const description = found.devices.find(({name}) => name === device)?.description;
    return {
      version: `libtorch ${found.version}`,
      device,
      threads: found.threads,
      ...(description && {notes: {hardware: description}}),
    };
  },
});
