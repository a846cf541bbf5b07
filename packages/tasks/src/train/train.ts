import {setImmediate} from 'node:timers/promises';
import {Ema, Random} from '@foveal/core';
import type {Dataset} from '@foveal/data';
import * as tf from '@tensorflow/tfjs-core';
import {checkCategories} from '../checkCategories.js';
import {evaluate} from '../evaluate.js';
import {type Batch, disposeBatch, type Task} from '../task.js';
import {averaged} from './averaged.js';
import {augmented, epochOrder} from './dataOrder.js';
import {DivergedError} from './divergedError.js';
import {LateLoss} from './lateLoss.js';
import type {EpochRecord} from './log.js';
import {LossMeter} from './lossMeter.js';
import {makeOptimizer} from './optimizers.js';
import {RateMeter} from './rateMeter.js';
import {Recorder} from './recorder.js';
import type {Position} from './resumeState.js';
import {makeSchedule} from './schedules.js';
import {Stepper} from './stepper.js';
import {seedFor} from './streams.js';
import {checkTrainOptions, type TrainOptions} from './trainOptions.js';
import {trainPlan} from './trainPlan.js';
import {type TrainProgress, trainProgressBar} from './trainProgress.js';
import type {TrainResult} from './trainResult.js';

/**
 * Trains a task's model in place.
 *
 * With `out` it leaves `last.safetensors` and `best.safetensors` (each enough to predict), `state.safetensors` (to
 * resume), `log.jsonl`, TensorBoard's events and `curve.png` there, and keeps other processes out. The same seed gives
 * the same batches, augmentation and dropout, and a resumed run goes on exactly where it stopped.
 *
 * @throws TypeError that lists every wrong option; {@link DivergedError} if the loss is no number any more.
 */
export async function train<B extends Batch, Prediction, Metrics>(
  task: Task<B, Prediction, Metrics>,
  dataset: Dataset,
  options: TrainOptions = {},
): Promise<TrainResult> {
  const settings = checkTrainOptions(options);
  const {batchSize, accumulate, seed, saveSeconds, patience} = settings;
  const {validation, augment, signal, onProgress = trainProgressBar()} = options;
  const {model, description} = task;
  if (dataset.length === 0) throw new RangeError('train: the dataset has no images.');
  checkCategories('train', description.categories, dataset.categories);
  if (validation) checkCategories('train, validation', description.categories, validation.categories);

  const {stepsPerEpoch, steps, epochs} = trainPlan(settings, dataset.length);
  const logSteps = settings.logSteps ?? Math.max(1, Math.round(stepsPerEpoch / 50));
  const schedule = makeSchedule({...settings, steps}, stepsPerEpoch);
  const reading = settings.concurrency === undefined ? {} : {concurrency: settings.concurrency};
  const groups = task.groups?.(dataset);
  const grouping = groups && {groups, batchSize};
  const parameters = model.parameters();
  const optimizer = makeOptimizer(parameters, settings);
  const ema = settings.ema === undefined ? undefined : new Ema(model, {decay: settings.ema});
  const onSmaller = (images: number) => {
    recorder.write({type: 'smaller', step: position.step, images});
    process.emitWarning(`train: no memory for ${batchSize} images at once; going on in parts of ${images}.`);
  };
  const stepper = new Stepper(task, optimizer, parameters, {...settings, ema, onSmaller});
  const free = () => {
    stepper.dispose();
    optimizer.dispose();
    ema?.dispose();
  };
  const recorder = await Recorder.open(settings, {
    task,
    optimizer,
    ema,
    facts: {
      model: description.model,
      categories: description.categories,
      images: dataset.length,
      settings: {batchSize, accumulate, optimizer: settings.optimizer, ema: settings.ema, seed},
    },
  }).catch((error: unknown) => {
    free();
    throw error;
  });
  let position: Position = recorder.start;
  const rate = new RateMeter();
  const losses = new LossMeter(position.sums);
  let savedAt = performance.now();

  /** Whether the score has not risen for too long. */
  const exhausted = () =>
    patience !== undefined && position.best !== null && position.epoch - position.best.epoch >= patience;
  const over = () => position.step >= steps || exhausted();

  const late = new LateLoss(({step, endsStep, total, losses: named, files, learningRate, gradientNorm}) => {
    position = {...position, lossSum: position.lossSum + total * files.length};
    losses.add(total, named, files.length);
    if (!endsStep || step % logSteps) return;
    const {imagesPerSecond} = rate;
    const epoch = step / stepsPerEpoch;
    const norm = gradientNorm !== undefined && {gradientNorm};
    recorder.write({type: 'step', step, epoch, ...losses.take(), learningRate, imagesPerSecond, ...norm});
  });
  const progress = (phase: TrainProgress['phase'], share: number, record?: EpochRecord) =>
    onProgress({
      phase,
      epoch: record ? Math.ceil(record.epoch) : position.epoch + 1,
      epochs,
      step: position.step,
      steps,
      share,
      loss: losses.recent,
      imagesPerSecond: rate.imagesPerSecond,
      secondsLeft: rate.secondsFor((steps - position.step) * accumulate),
      ...(record && {record, last: over() || signal?.aborted === true}),
    });
  const save = (record?: EpochRecord) =>
    rate.pause(async () => {
      await late.settle();
      await recorder.save({...position, sums: losses.sums()}, record);
      savedAt = performance.now();
    });

  /** The rest of the epoch under way. @returns false if it was interrupted. */
  const trainEpoch = async (): Promise<boolean> => {
    const {epoch} = position;
    const order = epochOrder(dataset.length, seed, epoch, grouping).subarray(position.done);
    const data = augmented(dataset, order, augment, seed, epoch);
    let inStep = 0;
    model.train();
    for await (const batch of task.batches(data, {batchSize, ...reading, training: true})) {
      const {files} = batch;
      const {step} = position;
      const done = position.done + files.length;
      const endsStep = inStep + 1 === accumulate || done === dataset.length;
      let mixed: B | undefined;
      try {
        model.reseed(seedFor(seed, 'dropout', step, ...(inStep ? [inStep] : [])));
        const learningRate = (optimizer.learningRate = schedule(step));
        mixed = task.mix?.(batch, new Random(seedFor(seed, 'mix', step, inStep)));
        const batchLosses = stepper.add(mixed ?? batch);
        const norm = endsStep ? stepper.step({norm: (step + 1) % logSteps === 0}) : undefined;
        await late.push({losses: batchLosses, norm}, {step: step + 1, endsStep, files, learningRate});
      } finally {
        disposeBatch(batch);
        if (mixed) disposeBatch(mixed);
      }
      inStep = endsStep ? 0 : inStep + 1;
      position = {...position, step: endsStep ? step + 1 : step, done};
      rate.step(files.length);
      progress('train', position.done / dataset.length);
      // A turn of the event loop, or signals and the progress bar would wait for the epoch's end.
      await setImmediate();
      if (position.done === dataset.length || position.step === steps) break;
      if (!endsStep) continue;
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
    const judge = (data: Dataset) => evaluate(task, data, {...reading, onProgress: onBatch});
    const metrics = validation && (await rate.pause(() => averaged(ema, () => judge(validation))));
    const loss = position.lossSum / position.done;
    const score = metrics === undefined ? -loss : task.score(metrics);
    const epoch = position.step / stepsPerEpoch;
    const best = position.best === null || score > position.best.score;
    if (best) position = {...position, best: {score, epoch}};
    // A training by steps may end within an epoch; should it be resumed for more, it goes on there.
    if (position.done === dataset.length) position = {...position, epoch, done: 0, lossSum: 0};
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
    recorder.write(record);
    await save(record);
    progress('epoch', 1, record);
  };

  try {
    recorder.write({
      type: 'start',
      time: new Date().toISOString(),
      model: description.model,
      engine: tf.getBackend(),
      images: dataset.length,
      validationImages: validation?.length ?? 0,
      step: position.step,
      options: settings,
    });
    let goesOn = true;
    while (goesOn && !over()) {
      const [worked, done] = [rate.working, position.done];
      goesOn = await trainEpoch();
      const seconds = rate.working - worked;
      if (goesOn) await finishEpoch(seconds, (position.done - done) / seconds);
      if (signal?.aborted) goesOn = false;
    }
    const interrupted = !over();
    const early = exhausted() && position.step < steps;
    const type = interrupted ? 'interrupted' : 'end';
    recorder.write({type, step: position.step, seconds: rate.elapsed, ...(early && {early})});
    await recorder.draw();
    ema?.swap();
    return {
      steps: position.step,
      epochs: recorder.records.filter(record => record.type === 'epoch'),
      best: position.best,
      interrupted,
      early,
      seconds: rate.elapsed,
      files: recorder.files,
    };
  } catch (error) {
    throw error instanceof DivergedError ? recorder.diverged(error, rate.elapsed) : error;
  } finally {
    late.drop();
    recorder.close();
    free();
    model.eval();
  }
}
