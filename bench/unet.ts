// U-Net with padding at 256², 31 million parameters: a training step and inference against PyTorch's eager mode, and
// inference against onnxruntime-node, where FOVEAL_ORT names a folder that has it.
import {uNet} from '@foveal/tasks';
import {segmentationBench} from './segmentationBench.ts';

await segmentationBench({name: 'U-Net', peer: 'unet', build: () => uNet(), size: 256, classes: 2});
