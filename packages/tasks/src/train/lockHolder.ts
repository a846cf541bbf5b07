import {randomUUID} from 'node:crypto';
import {readFileSync} from 'node:fs';
import {hostname} from 'node:os';

/** A process that holds a lock, as the lock's file tells. */
export interface LockHolder {
  pid: number;
  host: string;
  /** When the process started, as its system counts: one that inherited the number started later. */
  started: string | null;
  /** Of one process: in a restarted container the number of the killed one may be our own. */
  token: string;
}

const token = randomUUID();

export const thisProcess = (): LockHolder => ({
  pid: process.pid,
  host: hostname(),
  started: startOf(process.pid),
  token,
});

/** Whether it is this very process, not one of the same number. */
export const isThisProcess = (holder: LockHolder | undefined): boolean => holder?.token === token;

/** Whether a process of this machine still runs. */
export function isRunning(holder: LockHolder): boolean {
  if (holder.pid === process.pid) return isThisProcess(holder);
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    // EPERM: it lives, but belongs to another user.
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  const started = startOf(holder.pid);
  return holder.started === null || started === null || holder.started === started;
}

/** Reads a lock's content; undefined if it is cut short or something else. */
export function parseHolder(text: string): LockHolder | undefined {
  try {
    const holder = JSON.parse(text) as Partial<LockHolder> | null;
    const whole = Number.isSafeInteger(holder?.pid) && typeof holder?.host === 'string';
    return whole ? (holder as LockHolder) : undefined;
  } catch {
    return undefined;
  }
}

/** Boot and clock tick at which a process started; null where the system does not tell. */
function startOf(pid: number): string | null {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field is the program's name, which may hold spaces and brackets; starttime is the 22nd.
    return `${boot} ${stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]}`;
  } catch {
    return null;
  }
}
