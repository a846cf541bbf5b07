// FCN on a dilated ResNet-50 at 224², with its auxiliary head in training, against torchvision in PyTorch's eager mode,
// and inference against onnxruntime-node, where FOVEAL_ORT names a folder that has it.
import {fcnResNet50} from '@foveal/tasks';
import {segmentationBench} from './segmentationBench.ts';

await segmentationBench({
  name: 'FCN-ResNet50',
  peer: 'fcn_resnet50',
  build: () => fcnResNet50(),
  size: 224,
  classes: 21,
});
