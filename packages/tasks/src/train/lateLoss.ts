import type * as tf from '@tensorflow/tfjs-core';
import type {BatchLosses} from './batchGradients.js';
import {DivergedError} from './divergedError.js';

/** What is known of a batch besides its losses. */
export interface BatchFacts {
  /** The step it is a part of, from 1. */
  step: number;
  /** Whether it is the step's last batch, of one or several. */
  endsStep: boolean;
  files: readonly string[];
  learningRate: number;
}

/** What is read late. */
interface Unread {
  losses: BatchLosses;
  /** Of the step's gradients, where the log wants it. */
  norm?: tf.Scalar | undefined;
}

/** What a batch's losses turned out to be. */
export interface SettledBatch extends BatchFacts {
  total: number;
  losses: Record<string, number>;
  /** The norm of the step's gradients before they were clipped, where it was asked for. */
  gradientNorm?: number;
}

/**
 * Holds the losses of the batch under way and reads them only when the next one has been started: reading waits for
 * the engine, and a GPU would stand idle meanwhile.
 */
export class LateLoss {
  readonly #settled: (batch: SettledBatch) => void;
  #pending: (BatchFacts & Unread) | undefined;

  /** @param settled - hears of each batch whose loss is a number, in order. */
  constructor(settled: (batch: SettledBatch) => void) {
    this.#settled = settled;
  }

  /** Takes the losses of a batch that was just started, and settles the one before it. */
  async push(unread: Unread, facts: BatchFacts): Promise<void> {
    const before = this.#pending;
    this.#pending = {...facts, ...unread};
    await this.#settle(before);
  }

  /** Waits for the batch under way. @throws DivergedError if its loss is infinite or no number. */
  async settle(): Promise<void> {
    const before = this.#pending;
    this.#pending = undefined;
    await this.#settle(before);
  }

  /** Frees the losses that nobody will read any more. */
  drop(): void {
    this.#pending?.losses.dispose();
    this.#pending?.norm?.dispose();
    this.#pending = undefined;
  }

  async #settle(pending: (BatchFacts & Unread) | undefined): Promise<void> {
    if (!pending) return;
    const {losses: unread, norm, ...facts} = pending;
    const {total, losses} = await unread.read();
    const gradientNorm = norm && (await norm.data())[0];
    norm?.dispose();
    if (!Number.isFinite(total)) throw new DivergedError(facts.step, `the loss is ${total}`, facts.files);
    this.#settled({...facts, total, losses, ...(gradientNorm !== undefined && {gradientNorm})});
  }
}
