import type {Dataset} from '@foveal/data';
import type {TaskKind} from '../kinds/taskKind.js';
import {UsageError} from './usageError.js';

/** @throws UsageError if a dataset has no labels, and the kind of task cannot do without. */
export function requireLabels(kind: TaskKind, dataset: Dataset, data: string): void {
  if (kind.unlabelled || dataset.categories.length > 0) return;
  throw new UsageError(
    `--data ${data}: these images have no labels, which ${kind.command} needs. ` +
      'Expected one folder per class (cats/1.jpg, dogs/1.jpg), or KIND:PATH such as voc:FOLDER, coco:FILE.json, ' +
      'yolo:FILE.yaml, masks:FOLDER. Only autoencode does without.',
  );
}
