// Felzenszwalb et al., "Object Detection with Discriminatively Trained Part-Based Models", PAMI 2010, section 4.2, with
// the margins of R-CNN's code (arXiv:1311.2524, section 2.3).
import {type LinearSvm, type SvmExample, type SvmOptions, svmScore, trainSvm} from './linearSvm.js';

export interface HardNegativeOptions extends SvmOptions {
  /** New negatives after which the SVM is trained again. @defaultValue 2000 */
  retrainAfter?: number;
}

/** A negative with what tells it from others, so that none is held twice. */
export interface Negative {
  id: string;
  features: Float32Array;
}

/** Negatives with a score above this are hard: they lie within the margin, or on the wrong side. */
const hard = -1.0001;
/** Negatives below this are let go. */
const easy = -1.2;

/**
 * An SVM whose negatives are too many to hold: it sees some at a time and keeps those that are hard. After one or two
 * rounds over all of them it is the SVM that all together would make, up to what the margins let go.
 */
export class HardNegativeSvm {
  #svm: LinearSvm | undefined;
  #fresh = 0;
  #examples: (SvmExample & {id?: string})[];
  readonly #held = new Set<string>();
  readonly #options: HardNegativeOptions;

  /** @param positives - `[D]` each. @throws RangeError if there is none. */
  constructor(positives: readonly Float32Array[], options: HardNegativeOptions) {
    if (positives.length === 0) throw new RangeError('HardNegativeSvm: the class has no positive example.');
    this.#examples = positives.map(features => ({features, sign: 1, alpha: 0}));
    this.#options = options;
  }

  /** Shows negatives, once a round each. @returns how many of them were hard and new. */
  offer(negatives: readonly Negative[]): number {
    const svm = this.#svm;
    const fresh = negatives.filter(
      ({id, features}) => !this.#held.has(id) && (!svm || svmScore(svm, features) > hard),
    );
    for (const {id, features} of fresh) {
      this.#held.add(id);
      this.#examples.push({id, features, sign: -1, alpha: 0});
    }
    this.#fresh += fresh.length;
    if (!svm || this.#fresh >= (this.#options.retrainAfter ?? 2000)) this.#train();
    return fresh.length;
  }

  /** Trains with all that is held. */
  result(): LinearSvm {
    return this.#train();
  }

  /** Examples that are held. */
  get size(): number {
    return this.#examples.length;
  }

  #train(): LinearSvm {
    const svm = trainSvm(this.#examples, this.#options);
    this.#examples = this.#examples.filter(({id, features, alpha}) => {
      const stays = id === undefined || alpha > 0 || svmScore(svm, features) >= easy;
      if (!stays) this.#held.delete(id);
      return stays;
    });
    this.#fresh = 0;
    this.#svm = svm;
    return svm;
  }
}
