// COCO: Lin et al., "Microsoft COCO: Common Objects in Context", ECCV 2014, arXiv:1405.0312.
import {dirname, join} from 'node:path';
import {
  type AnnotatedDataset,
  annotatedDataset,
  type ImageRecord,
  type ObjectRecord,
} from '../annotations/annotatedDataset.js';
import {type Box, boxFault} from '../annotations/boxRule.js';
import type {ObjectLimit} from '../annotations/objectLimit.js';
import {ProblemList, type ProblemOptions} from '../annotations/problems.js';
import {DatasetError} from '../datasetError.js';
import type {DecodeOptions} from '../decodeImage.js';
import type {CocoAnnotation, CocoImage} from './cocoAnnotation.js';
import {readCocoFile} from './cocoFile.js';
import {drawSegmentation} from './cocoSegmentation.js';
import {existingFiles} from './existingFiles.js';

export interface CocoOptions extends DecodeOptions, ProblemOptions, ObjectLimit {
  /** The folder that `file_name` starts from. @defaultValue the folder of the JSON file */
  images?: string;
}

export interface CocoDataset extends AnnotatedDataset {
  /** The file's category id of each label: results go by these. */
  readonly categoryIds: readonly number[];
  /** The file's id of each image. */
  readonly imageIds: readonly number[];
}

/**
 * Objects from COCO's JSON, with masks if every annotation has one. The file is read as a stream, so that its size does
 * not matter. Labels are the places of the category ids in order.
 *
 * @throws DatasetError naming the byte at which the file is no JSON, or where images were looked for if none is there.
 * @throws AnnotationError listing every annotation, image and category that cannot be used, by its id.
 */
export async function coco(
  file: string,
  {images: folder = dirname(file), fix = false, collect, ...decoding}: CocoOptions = {},
): Promise<CocoDataset> {
  const problems = new ProblemList({fix, ...(collect && {collect})});
  const {images, categories, annotations} = await readCocoFile(file, problems);
  const path = ({fileName}: CocoImage) => join(folder, fileName);
  const exists = await existingFiles([...images.values()].map(path));
  const labels = new Map([...categories.keys()].map((id, label) => [id, label]));
  const masks = annotations.length > 0 && annotations.every(({segmentation}) => segmentation);

  const objects = new Map<number, ObjectRecord[]>();
  for (const [id, image] of images) {
    if (exists(path(image))) objects.set(id, []);
    else problems.add(file, `image ${id}`, `no file ${path(image)}.`, 'left out');
  }
  if (!collect && images.size > 0 && objects.size === 0) {
    const [first] = images.values();
    throw new DatasetError(
      file,
      `none of its images is there; the first would be ${path(first)}. ` +
        'Name the folder they are in: images (--images FOLDER of foveal).',
    );
  }
  for (const annotation of annotations) {
    const image = images.get(annotation.imageId);
    const label = labels.get(annotation.categoryId);
    if (!image || label === undefined) continue;
    const box = usableBox(annotation, image);
    if (box) objects.get(image.id)?.push(toObject(annotation, label, box));
  }
  const ids = [...objects.keys()];
  const records = ids.flatMap((id): ImageRecord[] => {
    const image = images.get(id);
    if (!image) return [];
    const size = [image.width, image.height] as const;
    return [{file: path(image), source: file, size, objects: objects.get(id) ?? []}];
  });
  const repairs = problems.settle(file);
  const names = [...categories.values()];
  return {
    ...annotatedDataset(records, {
      ...decoding,
      categories: names,
      masks,
      fix: fix || collect !== undefined,
      ...(collect && {collect}),
      repairs,
    }),
    categoryIds: [...categories.keys()],
    imageIds: ids,
  };

  function usableBox({id, bbox: [x, y, w, h]}: CocoAnnotation, {width, height}: CocoImage): Box | undefined {
    const box: Box = [x, y, x + w, y + h];
    const fault = boxFault(box, [width, height]);
    if (!fault) return box;
    problems.add(file, `annotation ${id}`, fault.reason, fault.repaired ? 'clipped' : 'left out');
    return fault.repaired;
  }
}

function toObject({id, crowd, segmentation}: CocoAnnotation, label: number, box: Box): ObjectRecord {
  return {
    label,
    place: `annotation ${id}`,
    box,
    ...(crowd && {crowd}),
    ...(segmentation && {
      mask: (height: number, width: number) => drawSegmentation(segmentation, height, width),
    }),
  };
}
