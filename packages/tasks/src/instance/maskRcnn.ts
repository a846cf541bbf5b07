// He et al., "Mask R-CNN", ICCV 2017, arXiv:1703.06870.
import {type Backbone, resNet50} from '@foveal/models';
import {FasterRcnn} from '../detection/fasterRcnn.js';
import {type RcnnOptions, rcnnParts} from '../detection/rcnnParts.js';

/** A {@link FasterRcnn} with a branch that draws the mask of each object: 28 × 28 cells over its box. */
export class MaskRcnn extends FasterRcnn {}

/**
 * A Mask R-CNN on any backbone with feature maps. It takes the backbone over, and frees its classifier.
 *
 * @example maskRcnn(squeezeNet1_1(), {categories: 1})
 */
export function maskRcnn(backbone: Backbone, options: RcnnOptions): MaskRcnn {
  return new MaskRcnn(rcnnParts(backbone, {...options, masks: true}));
}

/** torchvision's `maskrcnn_resnet50_fpn`: 44,401,393 parameters with COCO's 90 categories. */
export function maskRcnnResNet50Fpn(options: Partial<RcnnOptions> = {}): MaskRcnn {
  return maskRcnn(resNet50({...(options.random && {random: options.random}), numClasses: 1}), {
    categories: 90,
    ...options,
  });
}
