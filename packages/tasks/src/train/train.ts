import {setImmediate} from 'node:timers/promises';
import type {Dataset} from '@foveal/data';
import * as tf from '@tensorflow/tfjs-core';
import {checkCategories} from '../checkCategories.js';
import {evaluate} from '../evaluate.js';
import {type Batch, disposeBatch, type Task} from '../task.js';
import {augmented, epochOrder} from './dataOrder.js';
import {DivergedError} from './divergedError.js';
import {LateLoss} from './lateLoss.js';
import type {EpochRecord} from './log.js';
import {LossMeter} from './lossMeter.js';
import {makeOptimizer} from './optimizers.js';
import {RateMeter} from './rateMeter.js';
import {Recorder} from './recorder.js';
import type {Position} from './resumeState.js';
import type {RunFiles} from './runFolder.js';
import {makeSchedule} from './schedules.js';
import {seedFor} from './streams.js';
import {checkTrainOptions, type TrainOptions} from './trainOptions.js';
import {type TrainProgress, trainProgressBar} from './trainProgress.js';
import {trainStep} from './trainStep.js';

export interface TrainResult {
  /** Steps done in all, those before a resumption included. */
  steps: number;
  /** What the log says of each epoch. */
  epochs: EpochRecord[];
  /** The best epoch and its score: the task's own, or minus the training loss without a validation set. */
  best: {epoch: number; score: number} | null;
  /** Whether `signal` ended it early. */
  interrupted: boolean;
  /** Since the start or the resumption. */
  seconds: number;
  /** The files of the run's folder; undefined without `out`. */
  files: RunFiles | undefined;
}

/**
 * Trains a task's model in place.
 *
 * With `out` it leaves `last.safetensors` and `best.safetensors` (each enough to predict), `state.safetensors` (to
 * resume), `log.jsonl` and `curve.png` there. The same seed gives the same batches, augmentation and dropout, and a
 * resumed run goes on exactly where it stopped.
 *
 * @throws TypeError that lists every wrong option; {@link DivergedError} if the loss is no number any more.
 */
export async function train<B extends Batch, Prediction, Metrics>(
  task: Task<B, Prediction, Metrics>,
  dataset: Dataset,
  options: TrainOptions = {},
): Promise<TrainResult> {
  const settings = checkTrainOptions(options);
  const {epochs, batchSize, seed, saveSeconds} = settings;
  const {validation, augment, signal, onProgress = trainProgressBar()} = options;
  const {model, description} = task;
  if (dataset.length === 0) throw new RangeError('train: the dataset has no images.');
  checkCategories('train', description.categories, dataset.categories);
  if (validation) checkCategories('train, validation', description.categories, validation.categories);

  const stepsPerEpoch = Math.ceil(dataset.length / batchSize);
  const steps = epochs * stepsPerEpoch;
  const logSteps = settings.logSteps ?? Math.max(1, Math.round(stepsPerEpoch / 50));
  const schedule = makeSchedule(settings, stepsPerEpoch);
  const reading = settings.concurrency === undefined ? {} : {concurrency: settings.concurrency};
  const parameters = model.parameters();
  const optimizer = makeOptimizer(parameters, settings);
  const recorder = await Recorder.open(settings, task, optimizer, {
    model: description.model,
    categories: description.categories,
    images: dataset.length,
    settings: {batchSize, optimizer: settings.optimizer, seed},
  });
  const {log} = recorder;
  const rate = new RateMeter();
  const losses = new LossMeter();
  let position: Position = recorder.start;
  let savedAt = performance.now();

  log.write({
    type: 'start',
    time: new Date().toISOString(),
    model: description.model,
    engine: tf.getBackend(),
    images: dataset.length,
    validationImages: validation?.length ?? 0,
    step: position.step,
    options: settings,
  });

  const late = new LateLoss(({step, total, losses: named, files, learningRate}) => {
    position = {...position, lossSum: position.lossSum + total * files.length};
    losses.add(total, named, files.length);
    if (step % logSteps) return;
    const {imagesPerSecond} = rate;
    const epoch = step / stepsPerEpoch;
    log.write({type: 'step', step, epoch, ...losses.take(), learningRate, imagesPerSecond});
  });
  const progress = (phase: TrainProgress['phase'], share: number, record?: EpochRecord) =>
    onProgress({
      phase,
      epoch: record ? position.epoch : position.epoch + 1,
      epochs,
      step: position.step,
      steps,
      share,
      loss: losses.recent,
      imagesPerSecond: rate.imagesPerSecond,
      secondsLeft: rate.secondsFor(steps - position.step),
      ...(record && {record}),
    });
  const save = (record?: EpochRecord) =>
    rate.pause(async () => {
      await late.settle();
      await recorder.save(position, record);
      savedAt = performance.now();
    });

  /** The rest of the epoch under way. @returns false if it was interrupted. */
  const trainEpoch = async (): Promise<boolean> => {
    const {epoch} = position;
    const order = epochOrder(dataset.length, seed, epoch).subarray(position.done);
    const data = augmented(dataset, order, augment, seed, epoch);
    model.train();
    for await (const batch of task.batches(data, {batchSize, ...reading})) {
      try {
        model.reseed(seedFor(seed, 'dropout', position.step));
        const learningRate = (optimizer.learningRate = schedule(position.step));
        const step = trainStep(task, batch, optimizer, parameters);
        await late.push(step, {step: position.step + 1, files: batch.files, learningRate});
      } finally {
        disposeBatch(batch);
      }
      position = {...position, step: position.step + 1, done: position.done + batch.files.length};
      rate.step(batch.files.length);
      progress('train', position.done / dataset.length);
      // A turn of the event loop, or signals and the progress bar would wait for the epoch's end.
      await setImmediate();
      if (position.done === dataset.length) break;
      if (signal?.aborted) {
        await save();
        return false;
      }
      if (performance.now() - savedAt > saveSeconds * 1000) await save();
    }
    await late.settle();
    return true;
  };

  const finishEpoch = async (seconds: number, imagesPerSecond: number): Promise<void> => {
    const onBatch = (done: number, total: number) => progress('validate', done / total);
    const metrics =
      validation && (await rate.pause(() => evaluate(task, validation, {...reading, onProgress: onBatch})));
    const loss = position.lossSum / dataset.length;
    const score = metrics === undefined ? -loss : task.score(metrics);
    const epoch = position.epoch + 1;
    const best = position.best === null || score > position.best.score;
    position = {...position, epoch, done: 0, lossSum: 0, best: best ? {score, epoch} : position.best};
    const record: EpochRecord = {
      type: 'epoch',
      step: position.step,
      epoch,
      loss,
      seconds,
      imagesPerSecond,
      ...(metrics !== undefined && {validation: metrics}),
      best,
    };
    // In this order: should the process die in between, the resumed run takes a line without a checkpoint back.
    log.write(record);
    await save(record);
    progress('epoch', 1, record);
  };

  try {
    let goesOn = true;
    while (goesOn && position.epoch < epochs) {
      const [worked, done] = [rate.working, position.done];
      goesOn = await trainEpoch();
      const seconds = rate.working - worked;
      if (goesOn) await finishEpoch(seconds, (dataset.length - done) / seconds);
      if (signal?.aborted) goesOn = false;
    }
    const interrupted = position.epoch < epochs;
    log.write({type: interrupted ? 'interrupted' : 'end', step: position.step, seconds: rate.elapsed});
    recorder.draw();
    return {
      steps: position.step,
      epochs: log.records.filter(record => record.type === 'epoch'),
      best: position.best,
      interrupted,
      seconds: rate.elapsed,
      files: recorder.files,
    };
  } catch (error) {
    throw error instanceof DivergedError ? recorder.diverged(error, rate.elapsed) : error;
  } finally {
    late.drop();
    log.close();
    optimizer.dispose();
    model.eval();
  }
}
