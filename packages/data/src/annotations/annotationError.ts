import {DatasetError} from '../datasetError.js';
import {type Problem, problemText} from './problems.js';

/** Lines of the message; `problems` has all. */
const shown = 20;

/** A dataset's annotations are wrong in places: all of them, told at once. */
export class AnnotationError extends DatasetError {
  readonly problems: readonly Problem[];

  constructor(source: string, problems: readonly Problem[]) {
    const lines = problems
      .slice(0, shown)
      .map(problem => `\n  ${problemText(problem.file === source ? {...problem, file: ''} : problem)}`);
    const more = problems.length > shown ? `\n  … and ${problems.length - shown} more` : '';
    const fixable = problems.filter(({remedy}) => remedy).length;
    const advice = fixable > 0 ? ` Correct them, or pass fix: true to repair ${fixable} of them.` : '';
    const count = problems.length === 1 ? 'one problem' : `${problems.length} problems`;
    super(source, `${count} in the annotations.${advice}${lines.join('')}${more}`);
    this.problems = problems;
  }
}
