import type {Decoded, DecodeJob} from './decodeJob.js';
import type {Failure} from './failure.js';

/** What a thread is given when it starts. */
export interface ThreadData {
  /** `[1]` int32, shared: kilobytes of images that are decoded and have not been taken yet. */
  waiting: Int32Array;
}

export type ToThread = {id: number; job: DecodeJob} | {forget: number};

export type FromThread = 'ready' | {id: number; decoded: Decoded} | {id: number; failure: Failure};

/** What an image counts for in `waiting`. */
export const kilobytes = ({image, fitted}: Decoded) =>
  Math.ceil((image.data.length + (fitted?.data.length ?? 0)) / 1024);

/** Threads pause while more than this is waiting, in kilobytes: large photos would fill the memory. */
export const waitingLimit = 512 * 1024;
