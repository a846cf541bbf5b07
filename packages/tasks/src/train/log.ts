import {
  appendFileSync,
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs';

/** The first line of a run, and the first after each resumption. */
export interface StartRecord {
  type: 'start';
  /** ISO 8601. */
  time: string;
  model: string | undefined;
  engine: string;
  images: number;
  validationImages: number;
  /** The step it goes on from; 0 for a new run. */
  step: number;
  options: Record<string, unknown>;
}

/** Means over the images since the last such line. */
export interface StepRecord {
  type: 'step';
  /** Steps done, from 1. */
  step: number;
  /** Epochs done, with their fraction. */
  epoch: number;
  /** The sum of the losses. */
  loss: number;
  /** Each named loss. */
  losses: Record<string, number>;
  learningRate: number;
  imagesPerSecond: number;
  /** The norm of all gradients of this step together, before they were clipped. */
  gradientNorm?: number;
}

/** Written when the memory was too small for a batch; it is learnt from in parts from then on. */
export interface SmallerRecord {
  type: 'smaller';
  /** Steps done. */
  step: number;
  /** Images of a part at most. */
  images: number;
}

/** Written when an epoch is done and evaluated. */
export interface EpochRecord {
  type: 'epoch';
  step: number;
  /** Epochs done; a fraction if the run ended within one. */
  epoch: number;
  /** The mean loss over its images. */
  loss: number;
  seconds: number;
  imagesPerSecond: number;
  /** The task's metrics on the validation set. */
  validation?: unknown;
  /** Whether this epoch's weights are the best so far. */
  best: boolean;
}

/** The last line of a run that came to its end or was stopped. */
export interface EndRecord {
  type: 'end' | 'interrupted' | 'diverged';
  step: number;
  /** Seconds since the start or the last resumption. */
  seconds: number;
  /** True if the run ended because the score did not rise any more. */
  early?: boolean;
  /** The images of the batch whose loss was no number. */
  files?: readonly string[];
}

export type LogRecord = StartRecord | StepRecord | SmallerRecord | EpochRecord | EndRecord;

/** A run's log: one JSON object a line, each written at once. */
export class Log {
  readonly #file: number | undefined;
  readonly records: LogRecord[];

  /**
   * @param path - Nothing is written without one; the records are kept all the same.
   * @param resumeStep - Keeps the lines up to this step and goes on after them. @defaultValue starts anew
   */
  constructor(path: string | undefined, resumeStep?: number) {
    this.records = path && resumeStep !== undefined && existsSync(path) ? readLog(path) : [];
    this.records = this.records.filter(({step}) => step <= (resumeStep ?? 0));
    if (path) {
      // Beside the old one: a process that is killed here must not take the run's past with it.
      const whole = `${path}.tmp`;
      writeFileSync(whole, this.records.map(record => `${JSON.stringify(record)}\n`).join(''));
      renameSync(whole, path);
      this.#file = openSync(path, 'a');
    }
  }

  write(record: LogRecord): void {
    this.records.push(record);
    if (this.#file !== undefined) appendFileSync(this.#file, `${JSON.stringify(record)}\n`);
  }

  /** Waits until the lines are on the disk, so that no power failure leaves a state without its past. */
  flush(): void {
    if (this.#file !== undefined) fsyncSync(this.#file);
  }

  close(): void {
    if (this.#file !== undefined) closeSync(this.#file);
  }
}

/** Reads a log back. A last line that a crash cut short is left out. */
export function readLog(path: string): LogRecord[] {
  const lines = readFileSync(path, 'utf8').split('\n');
  return lines.flatMap((line, i) => {
    if (!line) return [];
    try {
      return [JSON.parse(line) as LogRecord];
    } catch (error) {
      if (i === lines.length - 1) return [];
      throw new Error(
        `${path}, line ${i + 1}: expected a JSON object, got ${JSON.stringify(line.slice(0, 60))}.`,
        {
          cause: error,
        },
      );
    }
  });
}
