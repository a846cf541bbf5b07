import type {CocoMetrics} from '@foveal/data';

/** How well objects were found in some images. Shares are in [0, 1]; COCO says −1 where there was nothing to find. */
export interface DetectionMetrics {
  images: number;
  /** Labelled ones, crowds left out. */
  objects: number;
  /** COCO's average precision of boxes, over overlaps from 0.50 to 0.95. */
  AP: number;
  /** That of boxes that overlap by half or more. */
  AP50: number;
  /** COCO's average precision of masks. */
  maskAP?: number;
  /** Pascal VOC's mean average precision, the area under the curve; null where there was nothing to find. */
  vocAP: number | null;
  /** COCO's twelve numbers for boxes. */
  boxes: Omit<CocoMetrics, 'AP_per_category'>;
  /** The same for masks. */
  masks?: Omit<CocoMetrics, 'AP_per_category'>;
  perClass: CategoryDetections[];
}

/** How well objects of one category were found. */
export interface CategoryDetections {
  category: string;
  objects: number;
  AP: number;
  maskAP?: number;
  vocAP: number | null;
}
