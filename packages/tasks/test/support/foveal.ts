import {type ChildProcess, spawn} from 'node:child_process';
import {fileURLToPath} from 'node:url';
import {main} from '../../src/cli/main.js';

export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Runs `foveal` in this process, which is quick. Only one at a time: it takes over stdout and stderr. */
export async function foveal(...argv: string[]): Promise<Ended> {
  const written = {stdout: '', stderr: ''};
  const originals = {stdout: process.stdout.write, stderr: process.stderr.write};
  for (const name of ['stdout', 'stderr'] as const) {
    process[name].write = (chunk: string | Uint8Array) => {
      written[name] += String(chunk);
      return true;
    };
  }
  try {
    return {code: await main(argv), ...written};
  } finally {
    for (const name of ['stdout', 'stderr'] as const) process[name].write = originals[name];
  }
}

/** Starts `foveal` as a process of its own, to be sent signals. */
export function startFoveal(...argv: string[]): {child: ChildProcess; ended: Promise<Ended>} {
  const program = fileURLToPath(new URL('fovealProgram.ts', import.meta.url));
  const child = spawn(
    process.execPath,
    ['--import=tsx', '--conditions=@foveal/source', '--no-warnings', program, ...argv],
    {stdio: ['ignore', 'pipe', 'pipe']},
  );
  const written = {stdout: '', stderr: ''};
  child.stdout?.on('data', (chunk: Buffer) => (written.stdout += chunk));
  child.stderr?.on('data', (chunk: Buffer) => (written.stderr += chunk));
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', code => resolve({code, ...written}));
  });
  return {child, ended};
}
