// Girshick et al., "Rich feature hierarchies for accurate object detection", CVPR 2014, arXiv:1311.2524, section 2.3 and
// appendix C.
import {mkdir} from 'node:fs/promises';
import {join} from 'node:path';
import {Random} from '@foveal/core';
import type {Dataset} from '@foveal/data';
import {saveWeights} from '@foveal/models';
import {checkCategories} from '../../checkCategories.js';
import {FeatureStore} from './featureStore.js';
import {fineTune} from './fineTune.js';
import {learnMoves} from './learnMoves.js';
import {learnSvms} from './learnSvms.js';
import type {Rcnn} from './rcnn.js';
import {RcnnStages} from './rcnnStages.js';
import {type RegionExamples, regionExamples} from './regionExamples.js';

/** In their order. */
export const rcnnStages = ['proposals', 'fineTune', 'features', 'svms', 'boxes'] as const;
export type RcnnStage = (typeof rcnnStages)[number];

/** How far a stage is. */
export interface RcnnProgress {
  stage: RcnnStage;
  done: number;
  /** Images, steps or categories, as the stage has it. */
  total: number;
  /** Of fine-tuning. */
  loss?: number;
}

export interface TrainRcnnOptions {
  /** The folder for weights and features; made if need be. A second call with it goes on after the stages that are done. */
  out: string;
  /** Steps of fine-tuning; 0 leaves the backbone as it is. @defaultValue 1000 */
  steps?: number;
  /** @defaultValue 1e-3 */
  learningRate?: number;
  /** @defaultValue 5e-4 */
  weightDecay?: number;
  /** Regions of objects, and of background, in a batch. @defaultValue `[32, 96]` */
  batch?: readonly [positives: number, background: number];
  /** What a missed margin costs an SVM. @defaultValue 1e-3 */
  cost?: number;
  /** Rounds over all negatives. @defaultValue 2 */
  rounds?: number;
  /** How much box regression is held back. @defaultValue 1000 */
  lambda?: number;
  /** Decides batches and their order. @defaultValue 0 */
  seed?: number;
  /** Finishes what is under way, then returns; a later call goes on. */
  signal?: AbortSignal;
  onProgress?: (progress: RcnnProgress) => void;
}

/**
 * Trains an R-CNN in its stages: proposals, fine-tuning of the backbone, features of all regions, an SVM for each category
 * with hard negatives, and box regression. `rcnn.safetensors` in `out` then holds the model.
 *
 * @returns whether all stages are done; false if the signal came before.
 * @throws TypeError if the categories differ; Error if `out` holds stages of other settings.
 */
export async function trainRcnn(model: Rcnn, dataset: Dataset, options: TrainRcnnOptions): Promise<boolean> {
  const {out, signal, onProgress = () => {}, seed = 0, steps = 1000, lambda = 1000} = options;
  const {learningRate = 1e-3, weightDecay = 5e-4, cost = 1e-3, rounds = 2} = options;
  const [positives, background] = options.batch ?? [32, 96];
  checkCategories('trainRcnn', model.options.categories, dataset.categories);
  await mkdir(out, {recursive: true});
  const stages = await RcnnStages.open(out, {
    images: dataset.length,
    categories: dataset.categories,
    steps,
    learningRate,
    weightDecay,
    batch: [positives, background],
    cost,
    rounds,
    lambda,
    seed,
  });
  const random = new Random(seed);
  const [tuning, separating] = [random.split(), random.split()];
  const report = (stage: RcnnStage, total: number) => (done: number, loss?: number) =>
    onProgress({stage, done, total, ...(loss !== undefined && {loss})});
  const examples: RegionExamples[] = [];
  const proposed = report('proposals', dataset.length);
  for (let i = 0; i < dataset.length; i++) {
    if (signal?.aborted) return false;
    const sample = await dataset.get(i);
    examples.push(regionExamples(sample, model.options.proposals(sample.image)));
    proposed(i + 1);
  }

  const tuned = await stages.run('fineTune', model, async () => {
    const stepped = report('fineTune', steps);
    await fineTune(model, dataset, examples, {
      ...{steps, learningRate, weightDecay, positives, background, signal},
      random: tuning,
      onStep: (step, loss) => stepped(step, loss),
    });
    return !signal?.aborted;
  });
  if (!tuned) return false;

  model.eval();
  const store = new FeatureStore(join(out, 'features'), model.svm.weight.shape[1]);
  const extracted = report('features', dataset.length);
  for (let i = 0; i < dataset.length; i++) {
    if (signal?.aborted) return false;
    const {boxes} = examples[i];
    await store.fill(i, boxes.length / 4, async () => {
      const {image} = await dataset.get(i);
      const vectors = model.regionFeatures(image, boxes);
      const values = await vectors.data<'float32'>();
      vectors.dispose();
      return values;
    });
    extracted(i + 1);
  }

  const separated = await stages.run('svms', model, () =>
    learnSvms(model, examples, store, {
      ...{cost, rounds, signal},
      random: separating,
      onImage: report('svms', rounds * dataset.length),
    }),
  );
  if (!separated) return false;
  const moved = await stages.run('boxes', model, () =>
    learnMoves(model, examples, store, {
      lambda,
      signal,
      onCategory: report('boxes', dataset.categories.length),
    }),
  );
  if (moved) await saveWeights(model, join(out, 'rcnn.safetensors'), {task: 'rcnn'});
  return moved;
}
