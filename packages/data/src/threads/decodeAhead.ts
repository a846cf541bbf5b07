import {availableParallelism} from 'node:os';
import {loadSharp} from '../loadSharp.js';
import {type Decoded, type DecodeJob, runDecodeJob} from './decodeJob.js';
import {DecodeThreads} from './decodeThreads.js';

/** Decodes images while the thread that asks for them is busy with something else. */
export interface DecodeAhead {
  /** The most that work at once; 0 if it is done in the thread of the caller. */
  readonly threads: number;
  /**
   * Begins at once, or as soon as a thread is free. The caller decides how many images are under way.
   *
   * @throws ImageDecodeError for an image that cannot be used or takes too long.
   */
  run(job: DecodeJob): Promise<Decoded>;
  /** Leaves undone what nobody waits for any more. */
  close(): void;
}

let shared: DecodeThreads | undefined;
let sharpLoaded = false;

/** What `FOVEAL_DECODE_THREADS` says, or one for each core, at most 16. @throws RangeError if it is no number. */
function defaultThreads(): number {
  const asked = process.env['FOVEAL_DECODE_THREADS']?.trim();
  if (!asked) return Math.min(availableParallelism(), 16);
  const threads = Number(asked);
  if (Number.isInteger(threads) && threads >= 0) return threads;
  throw new RangeError(`FOVEAL_DECODE_THREADS must be a whole number from 0 up, got ${asked}.`);
}

/**
 * Images decoded by threads, which the whole process shares.
 *
 * libuv, which runs sharp's work, has four threads of its own: on larger machines set `UV_THREADPOOL_SIZE` to the number
 * of cores before Node starts.
 *
 * @param threads - The most that may be started; 0 decodes in this thread. @defaultValue the environment's
 * `FOVEAL_DECODE_THREADS`, or one for each core, at most 16
 */
export function decodeAhead(threads = defaultThreads()): DecodeAhead {
  if (threads === 0) return {threads, run: runDecodeJob, close() {}};
  const pool = (shared ??= new DecodeThreads());
  const owner = {};
  let closed = false;
  return {
    threads,
    async run(job) {
      // sharp must be loaded in the main thread before it is in others; here it also tells best why it cannot be. After
      // that the work is handed out at once: who asked may block this thread next.
      if (!sharpLoaded) await loadSharp();
      sharpLoaded = true;
      if (closed) throw new Error(`${job.file}: the reader was closed before it was decoded.`);
      return pool.run(job, owner, threads);
    },
    close() {
      closed = true;
      pool.forget(owner);
    },
  };
}
