import {existsSync, readdirSync, rmSync} from 'node:fs';
import {join} from 'node:path';
import {eventFiles} from './eventFile.js';

/** The files of a run; every one is absent if the run has no folder. */
export interface RunFiles {
  /** The weights after the last step that was saved, or their averages. */
  last: string;
  /** The weights of the best epoch. */
  best: string;
  /** Weights, averages, optimizer and position, to resume from. */
  state: string;
  /** One JSON object a line. */
  log: string;
  /** The losses and accuracies as a picture. */
  curve: string;
}

/**
 * Readies the folder of a run, which must exist: sweeps away what a killed process left, or the run before.
 *
 * @throws Error if a run is in there that is neither to be resumed nor overwritten.
 */
export function runFolder(out: string, {resume, overwrite}: {resume: boolean; overwrite: boolean}): RunFiles {
  const files: RunFiles = {
    last: join(out, 'last.safetensors'),
    best: join(out, 'best.safetensors'),
    state: join(out, 'state.safetensors'),
    log: join(out, 'log.jsonl'),
    curve: join(out, 'curve.png'),
  };
  if ((existsSync(files.last) || existsSync(files.state)) && !resume && !overwrite) {
    throw new Error(
      `train: ${out} already holds a run. Resume it (resume, --resume), replace it (overwrite, --overwrite), ` +
        'or choose another folder.',
    );
  }
  // A process that was killed while writing leaves these behind.
  const cut = readdirSync(out).filter(name => /^(log\.jsonl|.*\.safetensors\..*)\.tmp$/.test(name));
  for (const name of cut) rmSync(join(out, name), {force: true});
  if (!resume) {
    for (const file of Object.values(files)) rmSync(file, {force: true});
    for (const name of eventFiles(out)) rmSync(join(out, name), {force: true});
  }
  return files;
}
