import {existsSync} from 'node:fs';
import {appendFile, writeFile} from 'node:fs/promises';
import {availableParallelism, cpus, totalmem} from 'node:os';
import * as tf from '@tensorflow/tfjs-core';

/** Runs once and says how long that took, in milliseconds, or what else it measures. */
export type Program = () => number | Promise<number>;

export interface Comparison {
  /** What is measured: `resnet20 step, batch 32`. */
  name: string;
  /** What it is measured against: `PyTorch 1.13.1 eager`. */
  peer: string;
  ours: Program;
  theirs: Program;
  /** How often each runs; both in turns, so that a busy machine is busy for both. @defaultValue 9 */
  rounds?: number;
  /** Runs of each before the first that counts. @defaultValue 2 */
  warmUp?: number;
  /** Of what the programs return: less is better but for GFLOP/s and per cent. @defaultValue 'ms' */
  unit?: 'ms' | 'µs' | 'GFLOP/s' | 'MB' | '%';
  /** Versions of what took part, beyond Node and tfjs: `libtorch 1.13.0`. */
  versions?: readonly string[];
}

export interface Outcome {
  /** Medians. */
  ours: number;
  theirs: number;
  /** Ours by theirs. */
  ratio: number;
}

/** Runs two programs in turns, prints their medians and the ratio of these, and adds a row to `results.csv`. */
export async function compare(comparison: Comparison): Promise<Outcome> {
  const {name, peer, ours, theirs, rounds = 9, warmUp = 2, unit = 'ms', versions = []} = comparison;
  const samples: Record<'ours' | 'theirs', number[]> = {ours: [], theirs: []};
  for (let round = -warmUp; round < rounds; round++) {
    const [mine, other] = [await ours(), await theirs()];
    if (round < 0) continue;
    samples.ours.push(mine);
    samples.theirs.push(other);
  }
  const medians = {ours: median(samples.ours), theirs: median(samples.theirs)};
  await record({name, peer, unit, rounds, versions, ...medians});
  return {...medians, ratio: medians.ours / medians.theirs};
}

/** Compares the most memory that this process and a peer ever held, and adds a row. */
export const comparePeakMemory = (
  {name, ...rest}: Pick<Comparison, 'name' | 'peer' | 'versions'>,
  peer: {peakMemory(): number | Promise<number>},
): Promise<Outcome> =>
  compare({
    ...rest,
    name: `${name}, peak memory`,
    unit: 'MB',
    ours: () => process.resourceUsage().maxRSS / 1024,
    theirs: () => peer.peakMemory(),
    rounds: 1,
    warmUp: 0,
  });

/** Times a function; waits for what it returns. */
export const timed =
  (run: () => unknown): Program =>
  async () => {
    const start = performance.now();
    await run();
    return performance.now() - start;
  };

/** The middle value; of an even number the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return (sorted[Math.ceil(middle) - 1] + sorted[Math.floor(middle)]) / 2;
}

const file = new URL('results.csv', import.meta.url);
const header = 'date,benchmark,peer,ours,theirs,unit,ratio,rounds,hardware,versions\n';

/** What was measured, in medians. */
type Row = Omit<Outcome, 'ratio'> &
  Pick<Required<Comparison>, 'name' | 'peer' | 'unit' | 'rounds' | 'versions'>;

/** Prints one result, and adds a row to `results.csv` unless FOVEAL_BENCH_DRY is set. */
export async function record({name, peer, ours, theirs, unit, rounds, versions}: Row): Promise<void> {
  const [mine, other, by] = [ours, theirs, ours / theirs].map(value => Number(value.toPrecision(4)));
  console.log(`${name}: ${mine} ${unit}; ${peer}: ${other} ${unit}; ratio ${by}`);
  if (process.env['FOVEAL_BENCH_DRY']) return;
  const used = [`Node ${process.versions.node}`, `tfjs ${tf.version_core}`, ...versions].join('; ');
  const cells = [today(), name, peer, mine, other, unit, by, rounds, hardware(), used];
  if (!existsSync(file)) await writeFile(file, header);
  await appendFile(file, cells.map(quote).join(',') + '\n');
}

const today = () => new Date().toISOString().slice(0, 10);
const quote = (cell: string | number) =>
  /[",\n]/.test(`${cell}`) ? `"${`${cell}`.replaceAll('"', '""')}"` : cell;

/** `AMD EPYC, 2 cores, 24 GiB`, and how busy it was when that says something about the figures. */
export function hardware(): string {
  const model = cpus()[0]?.model.trim() ?? process.arch;
  return `${model}, ${availableParallelism()} cores, ${Math.round(totalmem() / 2 ** 30)} GiB`;
}

/** Waits until a tensor is computed, by reading one value of it, and frees it. */
export function finish(tensor: tf.Tensor): void {
  const first = tf.slice(
    tensor,
    tensor.shape.map(() => 0),
    tensor.shape.map(() => 1),
  );
  first.dataSync();
  tf.dispose([tensor, first]);
}
