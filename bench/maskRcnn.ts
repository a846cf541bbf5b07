// Mask R-CNN on ResNet-50 with a pyramid: see fasterRcnn.ts.
import {rcnnBench} from './rcnnBench.ts';

await rcnnBench('mask');
