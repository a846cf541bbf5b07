import {AnnotationError} from './annotationError.js';

/** Something in a dataset's annotations that is wrong. */
export interface Problem {
  /** The file to look into. */
  file: string;
  /** Where in it: `line 3`, `annotation 17`, or empty for the whole file. */
  place: string;
  /** What was expected and what came. */
  reason: string;
  /** What `fix` does about it; absent where a person has to decide. */
  remedy?: string;
}

/** What readers of annotations do about problems. */
export interface ProblemOptions {
  /**
   * Clips boxes to their images and leaves out what cannot be used, and lists that as the dataset's `repairs`. Without
   * it, any problem refuses the dataset. @defaultValue false
   */
  fix?: boolean;
  /** Receives every problem in place of an error; what has one is repaired or left out. For looking at a dataset. */
  collect?: Problem[];
}

/** The problems met while a dataset is read, so that all of them are told at once. */
export class ProblemList {
  readonly found: Problem[] = [];
  readonly fix: boolean;
  readonly collect: Problem[] | undefined;

  constructor({fix = false, collect}: ProblemOptions = {}) {
    this.fix = fix;
    this.collect = collect;
  }

  add(file: string, place: string, reason: string, remedy?: string): void {
    this.found.push(remedy === undefined ? {file, place, reason} : {file, place, reason, remedy});
  }

  /**
   * @returns what was repaired.
   * @throws AnnotationError listing what may not pass.
   */
  settle(source: string): readonly Problem[] {
    if (this.collect) {
      for (const problem of this.found) this.collect.push(problem);
      return this.found.filter(({remedy}) => remedy !== undefined);
    }
    const refused = this.fix ? this.found.filter(({remedy}) => remedy === undefined) : this.found;
    if (refused.length > 0) throw new AnnotationError(source, refused);
    return this.found;
  }
}

/** A problem on one line: file, place, reason, and what was done. */
export const problemText = ({file, place, reason, remedy}: Problem): string =>
  [file, place, reason].filter(Boolean).join(': ') + (remedy ? ` (fix: ${remedy})` : '');
