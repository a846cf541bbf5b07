/** Listens for Ctrl+C and for the system asking to end. */
export interface Interrupt {
  /** Aborted at the first signal. */
  signal: AbortSignal;
  /** 130 after SIGINT, 143 after SIGTERM, undefined before any. */
  exitCode(): number | undefined;
  /** Stops listening. */
  dispose(): void;
}

const codes = {SIGINT: 130, SIGTERM: 143} as const;

/** The first signal lets work end in order, the second ends the process at once. */
export function listenForInterrupt(notice: string): Interrupt {
  const abort = new AbortController();
  let code: number | undefined;
  const hear = (name: NodeJS.Signals) => {
    const own = codes[name as keyof typeof codes];
    if (code !== undefined) process.exit(own);
    code = own;
    process.stderr.write(`\n${notice}\n`);
    abort.abort(new Error(`it was interrupted by ${name}.`));
  };
  const names = Object.keys(codes) as (keyof typeof codes)[];
  for (const name of names) process.on(name, hear);
  return {
    signal: abort.signal,
    exitCode: () => code,
    dispose: () => {
      for (const name of names) process.off(name, hear);
    },
  };
}
