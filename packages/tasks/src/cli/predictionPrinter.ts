import type {BrokenImage} from '../predict/predict.js';
import type {FileRecord} from '../predict/recordFormat.js';

/** What is printed about one image. */
export interface PrintedResult extends FileRecord {
  picture?: string;
}

/** Writes predictions to standard output. */
export interface Printer {
  result(result: PrintedResult): void;
  /** Called once, also after a failure, so that what was printed is whole. */
  end(broken: readonly BrokenImage[]): void;
}

/**
 * A line for each image.
 *
 * @param words - What stands behind the file's name.
 */
export function linePrinter(words: (record: FileRecord) => string): Printer {
  return {
    result(record) {
      process.stdout.write(`${record.file}  ${words(record)}\n`);
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
