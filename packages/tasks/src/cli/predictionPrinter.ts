import type {BrokenImage} from '../predict/predict.js';

/** What is printed about one image. */
export interface PrintedResult {
  file: string;
  categories: {category: string; score: number}[];
  picture?: string;
}

/** Writes predictions to standard output. */
export interface Printer {
  result(result: PrintedResult): void;
  /** Called once, also after a failure, so that what was printed is whole. */
  end(broken: readonly BrokenImage[]): void;
}

/** A line for each image. */
export function linePrinter(): Printer {
  return {
    result({file, categories}) {
      const named = categories.map(({category, score}) => `${category}  ${(100 * score).toFixed(1)} %`);
      process.stdout.write(`${file}  ${named.join('  ')}\n`);
    },
    end() {},
  };
}

/** One array over all, so that it parses as a whole; one element a line, so that it can be read as it comes. */
export function jsonPrinter(): Printer {
  let separator = '[\n';
  const element = (value: object) => {
    process.stdout.write(separator + JSON.stringify(value));
    separator = ',\n';
  };
  return {
    result: element,
    end(broken) {
      for (const {file, reason} of broken) element({file, error: reason});
      process.stdout.write(separator === '[\n' ? '[]\n' : '\n]\n');
    },
  };
}
