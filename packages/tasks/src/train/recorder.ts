import {existsSync, mkdirSync, writeFileSync} from 'node:fs';
import type {Ema, Optimizer} from '@foveal/core';
import type {Task} from '../task.js';
import {averaged} from './averaged.js';
import {saveCheckpoint} from './checkpoint.js';
import {DivergedError} from './divergedError.js';
import {EventFile} from './eventFile.js';
import {type EpochRecord, Log, type LogRecord} from './log.js';
import {loadResumeState, type Position, type RunFacts, saveResumeState} from './resumeState.js';
import {type RunFiles, runFolder} from './runFolder.js';
import {RunLock} from './runLock.js';
import {scalarsOf} from './scalars.js';
import {trainingCurve} from './trainingCurve.js';
import type {TrainSettings} from './trainOptions.js';

/** What a run is about: its state is saved and put back. */
export interface Run {
  task: Task;
  optimizer: Optimizer;
  ema: Ema | undefined;
  facts: RunFacts;
}

/** Keeps what a run leaves behind: its log always; checkpoints, TensorBoard's events and a curve if it has a folder. */
export class Recorder {
  readonly files: RunFiles | undefined;
  /** Where the run starts: at its beginning, or where it was stopped. */
  readonly start: Position;
  readonly #log: Log;
  readonly #events: EventFile | undefined;
  readonly #lock: RunLock | undefined;
  readonly #run: Run;

  private constructor(run: Run, start?: Position, folder?: {out: string; files: RunFiles; lock: RunLock}) {
    this.files = folder?.files;
    this.start = start ?? {step: 0, epoch: 0, done: 0, lossSum: 0, best: null};
    this.#log = new Log(folder?.files.log, start?.step);
    this.#events = folder && new EventFile(folder.out, start?.step);
    this.#lock = folder?.lock;
    this.#run = run;
  }

  /** Locks the run's folder and, if it is to be resumed, puts weights and optimizer back to where they were. */
  static async open(
    {out, ...how}: Pick<TrainSettings, 'out' | 'resume' | 'overwrite'>,
    run: Run,
  ): Promise<Recorder> {
    if (out === undefined) return new Recorder(run);
    mkdirSync(out, {recursive: true});
    const lock = await RunLock.acquire(out);
    try {
      const files = runFolder(out, how);
      const start =
        how.resume && existsSync(files.state) ? await loadResumeState(files.state, run) : undefined;
      return new Recorder(run, start, {out, files, lock});
    } catch (error) {
      lock.release();
      throw error;
    }
  }

  /** What was recorded, before a resumption too. */
  get records(): readonly LogRecord[] {
    return this.#log.records;
  }

  /** @throws Error if there is no room left; the checkpoints stay. */
  write(record: LogRecord): void {
    const scalars = scalarsOf(record);
    try {
      this.#log.write(record);
      if (Object.keys(scalars).length) this.#events?.write(record.step, scalars);
    } catch (error) {
      throw new Error(
        `${this.files?.log} cannot be written: ${(error as Error).message}. What was saved before is whole; mend ` +
          'the cause and resume.',
        {cause: error},
      );
    }
  }

  /**
   * Writes the checkpoints; the best one only for an epoch that is.
   *
   * @throws DivergedError if a weight is no number; the files are then as they were.
   */
  async save(position: Position, epoch?: EpochRecord): Promise<void> {
    if (!this.files) return;
    const {last, best, state} = this.files;
    const {task, ema} = this.#run;
    const metrics = {
      epoch: epoch?.epoch ?? position.epoch,
      step: position.step,
      ...(epoch?.validation !== undefined && {validation: epoch.validation}),
    };
    this.#log.flush();
    try {
      await averaged(ema, async () => {
        if (epoch?.best) await saveCheckpoint(task, best, {metrics});
        await saveCheckpoint(task, last, {metrics});
      });
      await saveResumeState(state, this.#run, position);
    } catch (error) {
      if (error instanceof RangeError) throw new DivergedError(position.step, error.message, []);
      throw error;
    }
  }

  /** Tells the log that the loss is no number, and gives the error that the user is to see. */
  diverged(error: DivergedError, seconds: number): DivergedError {
    this.write({type: 'diverged', step: error.step, seconds, files: error.files});
    return error.withLastGood([this.files?.last, this.files?.best].find(path => path && existsSync(path)));
  }

  /** Draws the curve from the log. */
  async draw(): Promise<void> {
    if (!this.files) return;
    const {description, curves} = this.#run.task;
    const title = `Training ${description.model ?? 'a model'}`;
    const picture = await trainingCurve(this.records, title, curves);
    if (picture) writeFileSync(this.files.curve, picture);
  }

  /** Lets another process go on. */
  close(): void {
    this.#log.close();
    this.#events?.close();
    this.#lock?.release();
  }
}
