import {
  closeSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import {hostname} from 'node:os';
import {join} from 'node:path';
import {setTimeout} from 'node:timers/promises';
import {isRunning, isThisProcess, type LockHolder, parseHolder, thisProcess} from './lockHolder.js';

const beatSeconds = 20;
/** A lock of another machine that was not renewed for so long is of a machine that is gone. */
const goneSeconds = 180;

/** Keeps other processes out of a folder while it is held. */
export class RunLock {
  readonly #path: string;
  readonly #beat: NodeJS.Timeout;

  private constructor(path: string) {
    this.#path = path;
    this.#beat = setInterval(() => renew(path), beatSeconds * 1000).unref();
  }

  /**
   * Takes the lock of a folder. A lock whose process died is taken over.
   *
   * @throws Error that names the process which holds it.
   */
  static async acquire(folder: string): Promise<RunLock> {
    const path = join(folder, 'run.lock');
    for (let attempt = 0; attempt < 5; attempt++) {
      if (create(path)) return new RunLock(path);
      const text = await settled(path);
      if (text === undefined) continue;
      const holder = parseHolder(text);
      if (holder && isAlive(holder, path)) throw new Error(refusal(folder, path, holder));
      moveAway(path, text);
    }
    throw new Error(`train: other processes take and leave ${path} all the time. Try again.`);
  }

  /** Lets others in. */
  release(): void {
    clearInterval(this.#beat);
    if (isThisProcess(holderIn(this.#path))) rmSync(this.#path, {force: true});
  }
}

function create(path: string): boolean {
  try {
    writeFileSync(path, `${JSON.stringify(thisProcess())}\n`, {flag: 'wx'});
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** The lock's content once it is whole: the file is made first and filled then. Undefined if it is gone. */
async function settled(path: string): Promise<string | undefined> {
  let text = read(path);
  for (let wait = 0; wait < 10 && text !== undefined && !parseHolder(text); wait++) {
    await setTimeout(50);
    text = read(path);
  }
  return text;
}

const isAlive = (holder: LockHolder, path: string) =>
  holder.host === hostname() ? isRunning(holder) : ageOf(path) < goneSeconds;

/** Puts a dead lock aside. Two may try at once: who finds another lock in hand than the dead one gives it back. */
function moveAway(path: string, dead: string): void {
  const aside = `${path}.${thisProcess().token}`;
  try {
    renameSync(path, aside);
    const moved = readFileSync(aside, 'utf8');
    if (moved !== dead) writeFileSync(path, moved, {flag: 'wx'});
  } catch (error) {
    const {code} = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT' && code !== 'EEXIST') throw error;
  } finally {
    rmSync(aside, {force: true});
  }
}

/** Seconds since the lock was renewed, by the clock of the machine that keeps the folder. */
function ageOf(path: string): number {
  const probe = `${path}.${thisProcess().token}`;
  try {
    closeSync(openSync(probe, 'w'));
    const renewed = statSync(path, {throwIfNoEntry: false})?.mtimeMs ?? -Infinity;
    return (statSync(probe).mtimeMs - renewed) / 1000;
  } finally {
    rmSync(probe, {force: true});
  }
}

/** Writes what is in the lock once more, which sets its time by the clock of the machine that keeps it. */
function renew(path: string): void {
  try {
    const text = read(path) ?? '';
    if (!isThisProcess(parseHolder(text))) return;
    const file = openSync(path, 'r+');
    writeSync(file, text, 0);
    closeSync(file);
  } catch {
    // A folder that was removed ends the run elsewhere, with a better message.
  }
}

const holderIn = (path: string) => parseHolder(read(path) ?? '');

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function refusal(folder: string, path: string, {pid, host}: LockHolder): string {
  const start = `train: ${folder} is in use by process ${pid}`;
  const remedy = 'Wait for it, stop it, or choose another folder.';
  if (pid === process.pid && host === hostname()) return `${start}, which is this one. ${remedy}`;
  if (host === hostname()) return `${start}. ${remedy}`;
  return (
    `${start} on ${host}. ${remedy} If that machine is gone, ` +
    `try again in ${goneSeconds / 60} minutes, or remove ${path}.`
  );
}
