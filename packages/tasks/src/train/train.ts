import {existsSync, writeFileSync} from 'node:fs';
import {setImmediate} from 'node:timers/promises';
import type {Dataset} from '@foveal/data';
import * as tf from '@tensorflow/tfjs-core';
import {checkCategories} from '../checkCategories.js';
import {evaluate} from '../evaluate.js';
import type {Batch, Task} from '../task.js';
import {saveCheckpoint} from './checkpoint.js';
import {augmented, epochOrder} from './dataOrder.js';
import {DivergedError} from './divergedError.js';
import {type EpochRecord, Log} from './log.js';
import {LossMeter} from './lossMeter.js';
import {makeOptimizer} from './optimizers.js';
import {RateMeter} from './rateMeter.js';
import {loadResumeState, type Position, type RunFacts, saveResumeState} from './resumeState.js';
import {type RunFiles, runFolder} from './runFolder.js';
import {makeSchedule} from './schedules.js';
import {seedFor} from './streams.js';
import {checkTrainOptions, type TrainOptions} from './trainOptions.js';
import {type TrainProgress, trainProgressBar} from './trainProgress.js';
import {trainingCurve} from './trainingCurve.js';
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
  const {epochs, batchSize, seed, out, resume} = settings;
  const {validation, augment, signal, onProgress = trainProgressBar()} = options;
  if (dataset.length === 0) throw new RangeError('train: the dataset has no images.');
  checkCategories('train', task.description.categories, dataset.categories);
  if (validation) checkCategories('train, validation', task.description.categories, validation.categories);

  const files = out === undefined ? undefined : runFolder(out, settings);
  const stepsPerEpoch = Math.ceil(dataset.length / batchSize);
  const steps = epochs * stepsPerEpoch;
  const logSteps = settings.logSteps ?? Math.max(1, Math.round(stepsPerEpoch / 50));
  const schedule = makeSchedule(settings, stepsPerEpoch);
  const parameters = task.model.parameters();
  const optimizer = makeOptimizer(parameters, settings);
  const facts: RunFacts = {
    model: task.description.model,
    categories: task.description.categories,
    images: dataset.length,
    settings: {batchSize, optimizer: settings.optimizer, seed},
  };

  const resumed = resume && files && existsSync(files.state);
  let position: Position = {step: 0, epoch: 0, done: 0, lossSum: 0, best: null};
  if (resumed) position = await loadResumeState(files.state, task, optimizer, facts);
  const log = new Log(files?.log, resumed ? position.step : undefined);
  log.write({
    type: 'start',
    time: new Date().toISOString(),
    model: task.description.model,
    engine: tf.getBackend(),
    images: dataset.length,
    validationImages: validation?.length ?? 0,
    step: position.step,
    options: {...settings},
  });

  const rate = new RateMeter();
  const losses = new LossMeter();
  let pending: (() => Promise<void>) | undefined;
  let savedAt = performance.now();

  const progress = (phase: TrainProgress['phase'], share: number, record?: EpochRecord) =>
    onProgress({
      phase,
      epoch: Math.min(epochs, position.epoch + (record ? 0 : 1)),
      epochs,
      step: position.step,
      steps,
      share,
      loss: losses.recent,
      imagesPerSecond: rate.imagesPerSecond,
      secondsLeft: rate.secondsFor(steps - position.step),
      ...(record && {record}),
    });
  const settle = async () => {
    const read = pending;
    pending = undefined;
    await read?.();
  };
  const metricsOf = (record?: EpochRecord) => ({
    epoch: position.epoch,
    step: position.step,
    ...(record?.validation !== undefined && {validation: record.validation}),
  });
  const save = async (record?: EpochRecord) => {
    await settle();
    if (!files) return;
    try {
      if (record?.best) await saveCheckpoint(task, files.best, {metrics: metricsOf(record)});
      await saveCheckpoint(task, files.last, {metrics: metricsOf(record)});
      await saveResumeState(files.state, task, optimizer, position, facts);
    } catch (error) {
      if (error instanceof RangeError) throw new DivergedError(position.step, error.message, [], lastGood(files));
      throw error;
    }
    savedAt = performance.now();
  };
  const draw = () => {
    const picture = files && trainingCurve(log.records, `Training ${task.description.model ?? 'a model'}`);
    if (picture) writeFileSync(files.curve, picture);
  };
  const finish = (type: 'end' | 'interrupted'): TrainResult => {
    log.write({type, step: position.step, seconds: rate.elapsed});
    draw();
    return {
      steps: position.step,
      epochs: log.records.filter(record => record.type === 'epoch'),
      best: position.best,
      interrupted: type === 'interrupted',
      seconds: rate.elapsed,
      files,
    };
  };

  try {
    while (position.epoch < epochs) {
      const {epoch} = position;
      const order = epochOrder(dataset.length, seed, epoch).subarray(position.done);
      const data = augmented(dataset, order, augment, seed, epoch);
      const [workedBefore, elapsedBefore, doneBefore] = [rate.working, rate.elapsed, position.done];
      task.model.train();

      for await (const batch of task.batches(data, {
        batchSize,
        ...(settings.concurrency && {concurrency: settings.concurrency}),
      })) {
        const images = batch.files.length;
        try {
          task.model.reseed(seedFor(seed, 'dropout', position.step));
          optimizer.learningRate = schedule(position.step);
          const step = trainStep(task, batch, optimizer, parameters);
          await settle();
          const number = position.step + 1;
          const learningRate = optimizer.learningRate;
          const {files: names} = batch;
          pending = async () => {
            const {total, losses: named} = await step.read();
            if (!Number.isFinite(total)) {
              log.write({type: 'diverged', step: number, seconds: rate.elapsed, files: names});
              throw new DivergedError(number, `the loss is ${total}`, names, files && lastGood(files));
            }
            position = {...position, lossSum: position.lossSum + total * names.length};
            losses.add(total, named);
            if (number % logSteps === 0 || number % stepsPerEpoch === 0) {
              log.write({
                type: 'step',
                step: number,
                epoch: number / stepsPerEpoch,
                ...losses.take(),
                learningRate,
                imagesPerSecond: rate.imagesPerSecond,
              });
            }
          };
        } finally {
          tf.dispose(batch as tf.TensorContainer);
        }
        position = {...position, step: position.step + 1, done: position.done + images};
        rate.step(images);
        progress('train', position.done / dataset.length);
        // A turn of the event loop, or signals and the progress bar would wait for the epoch's end.
        await setImmediate();
        if (signal?.aborted && position.done < dataset.length) {
          await save();
          return finish('interrupted');
        }
        if (performance.now() - savedAt > settings.saveSeconds * 1000 && position.done < dataset.length) {
          await rate.pause(save);
        }
      }
      await settle();

      const loss = position.lossSum / dataset.length;
      const imagesPerSecond = (position.done - doneBefore) / (rate.working - workedBefore);
      const metrics =
        validation &&
        (await rate.pause(() =>
          evaluate(task, validation, {
            onProgress: (done, total) => progress('validate', done / total),
            ...(settings.concurrency && {concurrency: settings.concurrency}),
          }),
        ));
      const score = metrics === undefined ? -loss : task.score(metrics);
      const best = position.best === null || score > position.best.score;
      position = {
        ...position,
        epoch: epoch + 1,
        done: 0,
        lossSum: 0,
        best: best ? {score, epoch: epoch + 1} : position.best,
      };
      const record: EpochRecord = {
        type: 'epoch',
        step: position.step,
        epoch: position.epoch,
        loss,
        seconds: rate.elapsed - elapsedBefore,
        imagesPerSecond,
        ...(metrics !== undefined && {validation: metrics}),
        best,
      };
      await rate.pause(() => save(record));
      log.write(record);
      progress('epoch', 1, record);
      if (signal?.aborted && position.epoch < epochs) return finish('interrupted');
    }
    return finish('end');
  } finally {
    log.close();
    optimizer.dispose();
    task.model.eval();
  }
}

const lastGood = ({last, best}: RunFiles) => [last, best].find(path => existsSync(path));
