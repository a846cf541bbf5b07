// What runs in each thread of DecodeThreads.
import {setTimeout} from 'node:timers/promises';
import {parentPort, type TransferListItem, workerData} from 'node:worker_threads';
import pLimit from 'p-limit';
import {type Decoded, type DecodeJob, runDecodeJob} from './decodeJob.js';
import {failureOf} from './failure.js';
import {type FromThread, kilobytes, type ThreadData, type ToThread, waitingLimit} from './messages.js';

const {waiting} = workerData as ThreadData;
const port = parentPort;
if (!port) throw new Error('decodeThread: is started by DecodeThreads, in a thread of its own.');
const forgotten = new Set<number>();
// While sharp decodes one image, this thread resizes the one before it.
const limit = pLimit(2);

port.on('message', (message: ToThread) => {
  if ('forget' in message) forgotten.add(message.forget);
  else void limit(() => work(message.id, message.job));
});
send('ready');

async function work(id: number, job: DecodeJob): Promise<void> {
  while (Atomics.load(waiting, 0) > waitingLimit && !forgotten.has(id)) await setTimeout(5);
  if (forgotten.delete(id)) return;
  try {
    const decoded = await runDecodeJob(job);
    const memory = own(decoded);
    Atomics.add(waiting, 0, kilobytes(decoded));
    send({id, decoded}, memory);
  } catch (error) {
    send({id, failure: failureOf(error)});
  }
}

function send(message: FromThread, transfer: readonly TransferListItem[] = []): void {
  port?.postMessage(message, transfer);
}

/** Puts pixels into memory that can be given to another thread, which sharp's cannot. @returns that memory. */
function own({image, fitted}: Decoded): ArrayBuffer[] {
  return [image, ...(fitted && fitted !== image ? [fitted] : [])].map(one => {
    if (Buffer.isBuffer(one.data)) one.data = new Uint8Array(one.data);
    return one.data.buffer as ArrayBuffer;
  });
}
