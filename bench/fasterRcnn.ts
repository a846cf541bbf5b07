// Faster R-CNN on ResNet-50 with a pyramid, one image of 512²: a training step (norms constant, three stages of five
// trained) and inference with 100 detections, with the memory each takes at the most; against torchvision's in eager
// mode on the same threads. FOVEAL_RCNN_BATCH=2 trains with more images.
import {rcnnBench} from './rcnnBench.ts';

await rcnnBench('faster');
