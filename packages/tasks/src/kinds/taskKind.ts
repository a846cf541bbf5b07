import type {Dataset} from '@foveal/data';
import type {LoadedWeights, LoadWeightsOptions} from '@foveal/models';
import type {z} from 'zod';
import type {Cell} from '../draw/contactSheet.js';
import type {FilePrediction} from '../predict/predict.js';
import type {FileRecord, RecordFormat} from '../predict/recordFormat.js';
import type {AnyTask, Meter, Task, TaskDescription} from '../task.js';
import type {Augment} from '../train/dataOrder.js';

/** Commands that work with tasks. */
export type TaskCommand = 'train' | 'eval' | 'predict';

/** An option that only some kinds of task have. */
export interface KindOption {
  /** As commander takes them: `--label-smoothing <x>`. */
  flags: string;
  /** One line of the help. */
  about: string;
  /** The commands that have it. */
  on: readonly TaskCommand[];
  /** Understands what follows the flag. @defaultValue the text itself */
  parse?: (text: string) => unknown;
  /** What a file of settings may hold; for options of `train`. */
  setting?: z.ZodType;
}

/** What a command line asks of a new task. */
export interface TaskRequest {
  /** One of the kind's models. */
  model: string;
  categories: readonly string[];
  seed: number;
  /** The file that the weights come from, if any. They are loaded after the task is built. */
  weights?: string;
  /** What `--preprocess` says. */
  preprocess?: string;
  /** The kind's own options that were given, in camelCase. */
  options: Readonly<Record<string, unknown>>;
}

/** A change of training images that a command line can name. */
export interface Augmentation {
  /** What it does, for the help. */
  about: string;
  /** @param dataset - The images that are trained on, for changes that need several. */
  make(dataset: Dataset, task: AnyTask): Promise<Augment>;
}

/** What a measurement leaves to write about. */
export interface Measured<T extends AnyTask> {
  /** The metrics, with what the command knows besides. */
  report: MetricsOf<T> & Record<string, unknown>;
  meter: Meter<BatchOf<T>, MetricsOf<T>>;
  task: T;
  dataset: Dataset;
}

/** Collects the records of images for a file that is written as a whole. */
export interface ResultCollector {
  add(record: FileRecord): void;
  /** Writes the file. */
  finish(): Promise<void>;
}

/** How predictions of one task are written, printed and drawn. */
export interface PredictionOutput<Prediction> {
  /** What is written about an image. */
  record(prediction: FilePrediction<Prediction>): FileRecord;
  /** The record in a few words, for the terminal. */
  line(record: FileRecord): string;
  /** The format of a file of results, by its name; undefined if it cannot be written. */
  format(path: string): RecordFormat | undefined;
  /** What writes a file of results as a whole, if the name asks for one; undefined otherwise. */
  collector?(path: string): Promise<ResultCollector> | undefined;
  /** The bytes of a PNG. */
  draw(prediction: FilePrediction<Prediction>): Promise<Buffer>;
  /** Its place on a contact sheet. */
  cell(prediction: FilePrediction<Prediction>): Promise<Cell>;
}

/**
 * A kind of task, as commands and checkpoints see it. Its functions import what they need when they are called, so that
 * help costs nothing.
 */
export interface TaskKind<T extends AnyTask = AnyTask> {
  /** What follows `foveal train`. */
  readonly command: string;
  /** One line of the help. */
  readonly about: string;
  /** Whether images without labels will do. @defaultValue false */
  readonly unlabelled?: boolean;
  readonly options: readonly KindOption[];
  /** What may follow `foveal train`, for the help. */
  readonly trainExamples: readonly string[];
  /** Options of `foveal train`, in camelCase, whose usual values are others here. */
  readonly trainDefaults?: Readonly<Record<string, string | number>>;
  readonly augmentations: Readonly<Record<string, Augmentation>>;
  /** The names that `--model` takes. */
  modelNames(): Promise<readonly string[]>;
  /** Models that only a program can train, and how it does. */
  readonly fromPrograms?: Readonly<Record<string, string>>;
  /** Makes a task. @throws UsageError if options do not fit together. */
  build(request: TaskRequest): Promise<T>;
  /** Makes the task that a checkpoint describes, with weights that are yet to be loaded. */
  restore(description: TaskDescription): Promise<T>;
  /**
   * Makes one task of those of several checkpoints, or of one as the kind's own options of `eval` and `predict` ask.
   * @defaultValue one checkpoint is allowed, as it is
   */
  combine?(tasks: readonly T[], options: Readonly<Record<string, unknown>>): Promise<T>;
  /** Loads weights that only this kind can read. @defaultValue `loadWeights` */
  loadWeights?(
    task: T,
    path: string,
    options: {strict: boolean} & Pick<LoadWeightsOptions, 'head'>,
  ): Promise<LoadedWeights>;
  /** The score by which the best checkpoint is chosen, for people. */
  scoreText(score: number): string;
  /** What `foveal eval` prints. */
  evaluation(metrics: MetricsOf<T>, seconds: number): string;
  /** Writes report.json and drawings into a folder. @returns the files. */
  writeReport(folder: string, measured: Measured<T>): Promise<string[]>;
  /** @param options - The kind's own options of `foveal predict` that were given, in camelCase. */
  predictions(
    task: T,
    options: Readonly<Record<string, unknown>>,
  ): Promise<PredictionOutput<PredictionOf<T>>>;
}

export type BatchOf<T> = T extends Task<infer B, infer _P, infer _M> ? B : never;
export type PredictionOf<T> = T extends Task<infer _B, infer P, infer _M> ? P : never;
export type MetricsOf<T> = T extends Task<infer _B, infer _P, infer M> ? M : never;
