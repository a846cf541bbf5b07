import {existsSync, writeFileSync} from 'node:fs';
import type {Optimizer} from '@foveal/core';
import type {Task} from '../task.js';
import {saveCheckpoint} from './checkpoint.js';
import {DivergedError} from './divergedError.js';
import {type EpochRecord, Log} from './log.js';
import {loadResumeState, type Position, type RunFacts, saveResumeState} from './resumeState.js';
import {type RunFiles, runFolder} from './runFolder.js';
import {trainingCurve} from './trainingCurve.js';
import type {TrainSettings} from './trainOptions.js';

/** Keeps what a run leaves behind: its log always, its checkpoints and its curve if it has a folder. */
export class Recorder {
  readonly files: RunFiles | undefined;
  readonly log: Log;
  /** Where the run starts: at its beginning, or where it was stopped. */
  readonly start: Position;
  readonly #task: Task;
  readonly #optimizer: Optimizer;
  readonly #facts: RunFacts;

  private constructor(
    files: RunFiles | undefined,
    start: Position | undefined,
    task: Task,
    optimizer: Optimizer,
    facts: RunFacts,
  ) {
    this.files = files;
    this.start = start ?? {step: 0, epoch: 0, done: 0, lossSum: 0, best: null};
    this.log = new Log(files?.log, start?.step);
    this.#task = task;
    this.#optimizer = optimizer;
    this.#facts = facts;
  }

  /** Opens the run's folder and, if it is to be resumed, puts weights and optimizer back to where they were. */
  static async open(
    {out, ...folder}: Pick<TrainSettings, 'out' | 'resume' | 'overwrite'>,
    task: Task,
    optimizer: Optimizer,
    facts: RunFacts,
  ): Promise<Recorder> {
    const files = out === undefined ? undefined : runFolder(out, folder);
    const resumes = folder.resume && files && existsSync(files.state);
    const start = resumes ? await loadResumeState(files.state, task, optimizer, facts) : undefined;
    return new Recorder(files, start, task, optimizer, facts);
  }

  /**
   * Writes the checkpoints; the best one only for an epoch that is.
   *
   * @throws DivergedError if a weight is no number; the files are then as they were.
   */
  async save(position: Position, epoch?: EpochRecord): Promise<void> {
    if (!this.files) return;
    const {last, best, state} = this.files;
    const metrics = {
      epoch: position.epoch,
      step: position.step,
      ...(epoch?.validation !== undefined && {validation: epoch.validation}),
    };
    try {
      if (epoch?.best) await saveCheckpoint(this.#task, best, {metrics});
      await saveCheckpoint(this.#task, last, {metrics});
      await saveResumeState(state, this.#task, this.#optimizer, position, this.#facts);
    } catch (error) {
      if (error instanceof RangeError) throw new DivergedError(position.step, error.message, []);
      throw error;
    }
  }

  /** Tells the log that the loss is no number, and gives the error that the user is to see. */
  diverged(error: DivergedError, seconds: number): DivergedError {
    this.log.write({type: 'diverged', step: error.step, seconds, files: error.files});
    return error.withLastGood([this.files?.last, this.files?.best].find(path => path && existsSync(path)));
  }

  /** Draws the curve from the log. */
  draw(): void {
    if (!this.files) return;
    const picture = trainingCurve(this.log.records, `Training ${this.#task.description.model ?? 'a model'}`);
    if (picture) writeFileSync(this.files.curve, picture);
  }
}
