import {Worker, type WorkerOptions} from 'node:worker_threads';

/** Runs a module of ours in a thread, built or as source. */
export function startThread(program: URL, options: WorkerOptions): Worker {
  const tsx = program.pathname.endsWith('.ts') ? loaderOfSources() : undefined;
  if (tsx === undefined) return new Worker(program, options);
  // tsx does not reach into threads: each has to call it before it can read TypeScript.
  const [loader, module] = [JSON.stringify(tsx), JSON.stringify(program.href)];
  const code = `import(${loader}).then(({register}) => {register(); return import(${module});})`;
  return new Worker(code, {...options, eval: true});
}

function loaderOfSources(): string | undefined {
  try {
    return import.meta.resolve('tsx/esm/api');
  } catch {
    return undefined;
  }
}
