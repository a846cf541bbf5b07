import {type ChildProcess, spawn} from 'node:child_process';
import {readFileSync, rmSync, statSync} from 'node:fs';
import {join} from 'node:path';
import {setTimeout} from 'node:timers/promises';
import {fileURLToPath} from 'node:url';
import type {Random} from '@foveal/core';
import {readSafetensors} from '@foveal/models';
import {readLog} from '../../src/train/log.js';
import {patterns, writeFolder} from './patterns.js';

/** Batches of 6 and 2 images, two a step; lines of the log that are not saved with; saves many times an epoch. */
const settings = [
  ...['train', '--model', 'lenet5', '--validation', '0.25', '--batch-size', '6', '--accumulate', '2'],
  ...['--optimizer', 'adam', '--ema', '0.95', '--clip-norm', '1', '--augment', 'crop-flip'],
  ...['--schedule', 'constant', '--log-steps', '3', '--save-seconds', '0.02'],
];

/** A training that is killed again and again, beside one that is not. */
export interface KillResume {
  /** Of the run that was left alone: its loss at every line of the log, and its final weights. */
  expected: RunFacts;
  /** Kills a new run so many times at random moments, then lets it end. */
  killed(kills: number, random: Random, onKill?: (kill: Kill) => void): Promise<RunFacts & {kills: Kill[]}>;
}

/** What a run came to. */
export interface RunFacts {
  /** Type, step and figures of each line that has some. */
  curve: string[];
  /** The tensors of all files. */
  weights: string;
}

/** One kill: whether it came before the run's first step of this start, and the last step in the log. */
export interface Kill {
  starting: boolean;
  step: number;
}

/** @param folder - Where data and runs go. */
export async function killResume(folder: string, steps: number): Promise<KillResume> {
  const data = join(folder, 'data');
  await writeFolder(patterns(40), data);
  const argv = (out: string) => [...settings, '--data', data, '--steps', String(steps), '--out', out];
  const whole = join(folder, 'whole');
  await ended(start(argv(whole)));
  return {
    expected: await factsOf(whole),
    async killed(count, random, onKill = () => {}) {
      const out = join(folder, 'killed');
      rmSync(out, {recursive: true, force: true});
      const log = join(out, 'log.jsonl');
      const kills: Kill[] = [];
      while (kills.length < count) {
        const before = sizeOf(log);
        const child = start([...argv(out), '--resume']);
        const over = ended(child);
        over.catch(() => {});
        // One in eight dies while it starts and reads its state, the others at work.
        const starting = random.int(8) === 0;
        if (!starting) while (sizeOf(log) <= before && child.exitCode === null) await setTimeout(5);
        await setTimeout(random.next() * (starting ? 2500 : 500));
        if (child.exitCode !== null) break;
        child.kill('SIGKILL');
        await over.catch(() => {});
        const kill = {starting, step: sizeOf(log) ? (readLog(log).at(-1)?.step ?? 0) : 0};
        kills.push(kill);
        onKill(kill);
      }
      await ended(start([...argv(out), '--resume']));
      return {...(await factsOf(out)), kills};
    },
  };
}

function start(argv: string[]): ChildProcess {
  const program = fileURLToPath(new URL('fovealProgram.ts', import.meta.url));
  const node = ['--import=tsx', '--conditions=@foveal/source', '--no-warnings', program];
  return spawn(process.execPath, [...node, ...argv], {stdio: ['ignore', 'ignore', 'pipe']});
}

async function ended(child: ChildProcess): Promise<void> {
  let stderr = '';
  child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk));
  const code = await new Promise(resolve => child.on('close', resolve));
  if (code !== 0) throw new Error(`the training ended with ${code}:\n${stderr}`);
}

const sizeOf = (path: string) => statSync(path, {throwIfNoEntry: false})?.size ?? 0;

async function factsOf(out: string): Promise<RunFacts> {
  const curve = readLog(join(out, 'log.jsonl')).flatMap(record => {
    if (record.type === 'step') return [`step ${record.step}: ${record.loss} at ${record.learningRate}`];
    if (record.type !== 'epoch') return [];
    return [`epoch ${record.step}: ${record.loss}, ${JSON.stringify(record.validation)}, ${record.best}`];
  });
  const files = ['last', 'best', 'state'].map(name => join(out, `${name}.safetensors`));
  const weights = await Promise.all(
    files.map(async path => {
      const {tensors} = await readSafetensors(path);
      return [...tensors].map(([name, {data}]) => `${name} ${Buffer.from(data.buffer).toString('base64')}`);
    }),
  );
  readFileSync(join(out, 'curve.png'));
  return {curve, weights: weights.flat().sort().join('\n')};
}
