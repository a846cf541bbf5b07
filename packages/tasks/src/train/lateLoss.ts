import {DivergedError} from './divergedError.js';
import type {StepLosses} from './trainStep.js';

/** What is known of a step besides its losses. */
export interface StepFacts {
  /** From 1. */
  step: number;
  files: readonly string[];
  learningRate: number;
}

/** What a step's losses turned out to be. */
export interface SettledStep extends StepFacts {
  total: number;
  losses: Record<string, number>;
}

/**
 * Holds the losses of the step under way and reads them only when the next step has been started: reading waits for
 * the engine, and a GPU would stand idle meanwhile.
 */
export class LateLoss {
  readonly #settled: (step: SettledStep) => void;
  #pending: (StepFacts & {losses: StepLosses}) | undefined;

  /** @param settled - hears of each step whose loss is a number, in order. */
  constructor(settled: (step: SettledStep) => void) {
    this.#settled = settled;
  }

  /** Takes the losses of a step that was just started, and settles the one before it. */
  async push(losses: StepLosses, facts: StepFacts): Promise<void> {
    const before = this.#pending;
    this.#pending = {...facts, losses};
    await this.#settle(before);
  }

  /** Waits for the step under way. @throws DivergedError if its loss is infinite or no number. */
  async settle(): Promise<void> {
    const before = this.#pending;
    this.#pending = undefined;
    await this.#settle(before);
  }

  /** Frees the losses that nobody will read any more. */
  drop(): void {
    this.#pending?.losses.dispose();
    this.#pending = undefined;
  }

  async #settle(pending: (StepFacts & {losses: StepLosses}) | undefined): Promise<void> {
    if (!pending) return;
    const {losses: unread, ...facts} = pending;
    const {total, losses} = await unread.read();
    if (!Number.isFinite(total)) throw new DivergedError(facts.step, `the loss is ${total}`, facts.files);
    this.#settled({...facts, total, losses});
  }
}
