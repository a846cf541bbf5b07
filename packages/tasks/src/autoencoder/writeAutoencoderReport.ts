import {mkdir, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {applyPreprocess, type Dataset} from '@foveal/data';
import * as tf from '@tensorflow/tfjs-core';
import {embeddingChart} from '../draw/embeddingChart.js';
import {type ReconstructionRow, reconstructionGrid} from '../draw/reconstructionGrid.js';
import type {AutoencoderMeter, AutoencoderMetrics} from './autoencoderMeter.js';
import type {AutoencoderTask} from './autoencoderTask.js';
import {toImages} from './toImages.js';

/** Images in the grid. */
const shown = 12;

/**
 * Writes what an autoencoder did on a dataset: `report.json`; `reconstructions.png`, the first images and what is drawn
 * again of them (of a denoising one, from spoilt images); and `codes.png`, if codes have two numbers at least.
 *
 * @returns The files.
 */
export async function writeAutoencoderReport(
  folder: string,
  {
    report,
    meter,
    task,
    dataset,
  }: {report: AutoencoderMetrics; meter: AutoencoderMeter; task: AutoencoderTask; dataset: Dataset},
): Promise<string[]> {
  await mkdir(folder, {recursive: true});
  const files = [join(folder, 'report.json'), join(folder, 'reconstructions.png')];
  await writeFile(files[0], `${JSON.stringify(report, null, 2)}\n`);
  await writeFile(
    files[1],
    await reconstructionGrid(await rowsOf(task, dataset), {title: 'Reconstructions'}),
  );
  if (task.model.codeSize < 2 || meter.codes.length < 2) return files;
  const chart = join(folder, 'codes.png');
  const title =
    meter.codes.length < report.images ? `Codes of the first ${meter.codes.length} images` : 'Codes';
  await writeFile(chart, await embeddingChart(meter.codes, meter.labels, dataset.categories, {title}));
  return [...files, chart];
}

async function rowsOf(task: AutoencoderTask, dataset: Dataset): Promise<ReconstructionRow[]> {
  const {model, description} = task;
  const {preprocess} = description;
  if (!preprocess) throw new TypeError('writeAutoencoderReport: the task has no preprocessing.');
  const count = Math.min(shown, dataset.length);
  const values: Float32Array[] = [];
  for (let i = 0; i < count; i++)
    values.push(await applyPreprocess((await dataset.get(i)).image, preprocess));
  const shape = [count, ...model.inputShape] as [number, number, number, number];
  const input = tf.tidy(() =>
    tf.reshape(tf.stack(values.map(value => tf.tensor1d(value))), shape),
  ) as tf.Tensor4D;
  model.reseed(0);
  const seen = model.corruption ? model.corruption.corrupt(input) : tf.clone(input);
  const drawn = model.forward(seen);
  try {
    const images = (of: tf.Tensor4D) => toImages(of, preprocess);
    return [
      {name: 'input', images: await images(input)},
      ...(model.corruption ? [{name: 'corrupted', images: await images(seen)}] : []),
      {name: 'reconstruction', images: await images(drawn)},
    ];
  } finally {
    tf.dispose([input, seen, drawn]);
  }
}
