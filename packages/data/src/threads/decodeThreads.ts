import {extname} from 'node:path';
import type {Worker} from 'node:worker_threads';
import {ImageDecodeError} from '../imageDecodeError.js';
import {type Decoded, type DecodeJob, runDecodeJob} from './decodeJob.js';
import {errorOf} from './failure.js';
import {type FromThread, kilobytes, type ThreadData, type ToThread} from './messages.js';
import {startThread} from './startThread.js';

interface Entry {
  job: DecodeJob;
  /** On whose behalf it is done. */
  owner: object;
  resolve(decoded: Decoded | Promise<Decoded>): void;
  reject(error: unknown): void;
  /** Threads that ended while they had it. */
  deaths: number;
}

interface Thread {
  worker: Worker;
  entries: Map<number, Entry>;
  /** Whether it ever ran. */
  ready: boolean;
}

/** Another thread is started when each has so many images to do. */
const enough = 4;

/**
 * Threads that decode and resize images. The engine blocks the thread it is called in, so that nothing there could hand
 * out work meanwhile, as piscina would: each thread has a queue of its own instead, and goes on by itself. Threads start
 * when there is work for them; idle ones do not keep the process alive. Where none can be started, the work is done in
 * the thread that asks for it.
 */
export class DecodeThreads {
  readonly #threads: Thread[] = [];
  readonly #waiting = new Int32Array(new SharedArrayBuffer(4));
  readonly #program: URL;
  #next = 0;
  #usable = true;

  /** @param program - What the threads run. @defaultValue `decodeThread`, which lies beside this file */
  constructor(program = new URL(`./decodeThread${extname(import.meta.url)}`, import.meta.url)) {
    this.#program = program;
  }

  /**
   * @param owner - For `forget`.
   * @param most - Threads that may be started.
   * @throws as `runDecodeJob`.
   */
  run(job: DecodeJob, owner: object, most: number): Promise<Decoded> {
    if (!this.#usable) return runDecodeJob(job);
    return new Promise((resolve, reject) => {
      this.#assign({job, owner, resolve, reject, deaths: 0}, most);
    });
  }

  /** Leaves undone what is not done yet; nobody waits for it. */
  forget(owner: object): void {
    for (const thread of this.#threads) {
      for (const [id, entry] of thread.entries) {
        if (entry.owner !== owner) continue;
        thread.entries.delete(id);
        tell(thread, {forget: id});
        entry.reject(new Error(`${entry.job.file}: the reader was closed before it was decoded.`));
      }
      if (thread.entries.size === 0) thread.worker.unref();
    }
  }

  #assign(entry: Entry, most: number): void {
    const [idlest] = [...this.#threads].sort((a, b) => a.entries.size - b.entries.size);
    const full = !idlest || (idlest.entries.size >= enough && this.#threads.length < most);
    const thread = full ? this.#start() : idlest;
    const id = this.#next++;
    thread.entries.set(id, entry);
    thread.worker.ref();
    tell(thread, {id, job: entry.job});
  }

  #start(): Thread {
    const worker = startThread(this.#program, {workerData: {waiting: this.#waiting} satisfies ThreadData});
    const thread: Thread = {worker, entries: new Map(), ready: false};
    worker.on('message', (message: FromThread) => this.#take(thread, message));
    worker.on('error', error => this.#bury(thread, error));
    worker.on('exit', code => this.#bury(thread, new Error(`exit code ${code}`)));
    worker.unref();
    this.#threads.push(thread);
    return thread;
  }

  #take(thread: Thread, message: FromThread): void {
    if (message === 'ready') {
      thread.ready = true;
      return;
    }
    if ('decoded' in message) Atomics.sub(this.#waiting, 0, kilobytes(message.decoded));
    const entry = thread.entries.get(message.id);
    thread.entries.delete(message.id);
    if (thread.entries.size === 0) thread.worker.unref();
    if ('decoded' in message) entry?.resolve(message.decoded);
    else entry?.reject(errorOf(message.failure));
  }

  /** Gives what a dead thread had to others, once: an image may have killed it. */
  #bury(thread: Thread, cause: Error): void {
    const at = this.#threads.indexOf(thread);
    if (at >= 0) this.#threads.splice(at, 1);
    if (!thread.ready) this.#usable = false;
    const left = [...thread.entries.values()];
    thread.entries.clear();
    for (const entry of left) {
      const {job, resolve, reject} = entry;
      if (!this.#usable) resolve(runDecodeJob(job));
      else if (++entry.deaths < 2) this.#assign(entry, this.#threads.length + 1);
      else
        reject(new ImageDecodeError(job.file, `the thread that read it ended (${cause.message}).`, {cause}));
    }
  }
}

const tell = ({worker}: Thread, message: ToThread) => worker.postMessage(message);
