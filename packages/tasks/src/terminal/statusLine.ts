import ora, {type Ora} from 'ora';

/** A line at the terminal's foot that tells how far long work has come. */
export interface StatusLine {
  /** Shows how far the work is; calls that come too fast are passed over. */
  update(text: () => string): void;
  /** Writes a line that stays. */
  note(text: string): void;
  /** Takes the line away; later updates show it again. */
  stop(): void;
}

export interface StatusLineOptions {
  /** @defaultValue process.stderr */
  stream?: NodeJS.WriteStream;
  /** Milliseconds between lines where there is no terminal. @defaultValue 5000 */
  plainInterval?: number;
}

const redrawInterval = 80;

/** On a terminal a spinner that is redrawn in place; elsewhere (a file, a pipe) a plain line every few seconds. */
export function statusLine({
  stream = process.stderr,
  plainInterval = 5000,
}: StatusLineOptions = {}): StatusLine {
  // Some pseudo-terminals say they are 0 columns wide; redrawing would then go on for ever.
  const interactive = Boolean(stream.isTTY) && stream.columns > 0 && process.env['TERM'] !== 'dumb';
  let spinner: Ora | undefined;
  let last = interactive ? -Infinity : performance.now();

  const due = (interval: number) => {
    const now = performance.now();
    if (now - last < interval) return false;
    last = now;
    return true;
  };
  const stop = () => {
    spinner?.stop();
    spinner = undefined;
  };

  return {
    update(text) {
      if (!due(interactive ? redrawInterval : plainInterval)) return;
      if (!interactive) {
        stream.write(`${text()}\n`);
        return;
      }
      // Reading stdin would turn Ctrl+C into a character that nobody reads while a step computes.
      spinner ??= ora({stream, discardStdin: false, isEnabled: true}).start();
      spinner.text = text();
      spinner.render();
    },
    note(text) {
      const shown = spinner;
      shown?.clear();
      stream.write(`${text}\n`);
      shown?.render();
    },
    stop,
  };
}
