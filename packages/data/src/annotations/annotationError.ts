import {DatasetError} from '../datasetError.js';
import {type Problem, problemText} from './problems.js';

/** Lines of the message; `problems` has all. */
const shown = 20;

/** A dataset's annotations are wrong in places: all of them, told at once. */
export class AnnotationError extends DatasetError {
  declare readonly problems: readonly Problem[];

  constructor(source: string, problems: readonly Problem[]) {
    const count = problems.length === 1 ? 'one problem' : `${problems.length} problems`;
    const fixable = problems.filter(({remedy}) => remedy).length;
    const advice =
      fixable > 0 ? ` Correct them, or pass fix: true (--fix of foveal) to repair ${fixable} of them.` : '';
    super(source, `${count} in the annotations.${advice}`);
    for (const problem of problems.slice(0, shown)) {
      const own = problem.file === source ? {...problem, file: ''} : problem;
      this.message += `\n  ${problemText(own)}`;
    }
    if (problems.length > shown) this.message += `\n  … and ${problems.length - shown} more`;
    // Printed errors show the message, not a hundred thousand objects after it.
    Object.defineProperty(this, 'problems', {value: problems, enumerable: false});
  }
}
