import {readFileSync, rmSync, writeFileSync} from 'node:fs';
import {hostname} from 'node:os';
import {isRunning, parseHolder, thisProcess} from '../train/lockHolder.js';

/**
 * Keeps other processes from writing to a file, by `<file>.lock`. The lock of a process that died is taken over.
 *
 * @returns Lets others in.
 * @throws Error that names the process which is at work.
 */
export function lockFile(path: string): () => void {
  const lock = `${path}.lock`;
  const release = () => rmSync(lock, {force: true});
  if (create(lock)) return release;
  const holder = parseHolder(readFileSync(lock, 'utf8'));
  const elsewhere = holder !== undefined && holder.host !== hostname();
  if (holder && (elsewhere || isRunning(holder))) {
    throw new Error(
      `${path}: process ${holder.pid} on ${holder.host} is writing to it. Wait for it, or ` +
        (elsewhere ? `remove ${lock} if it is gone.` : 'choose another file.'),
    );
  }
  release();
  if (create(lock)) return release;
  throw new Error(`${path}: another process has just begun to write to it.`);
}

function create(lock: string): boolean {
  try {
    writeFileSync(lock, `${JSON.stringify(thisProcess())}\n`, {flag: 'wx'});
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}
