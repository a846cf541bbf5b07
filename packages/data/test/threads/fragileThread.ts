// A thread of DecodeThreads that ends when it is to decode a file called `deadly`, and takes its time with others.
import {parentPort} from 'node:worker_threads';
import type {ToThread} from '../../src/threads/messages.js';

parentPort?.on('message', (message: ToThread) => {
  if ('forget' in message) return;
  if (message.job.file === 'deadly') process.exit(3);
  const image = {data: Uint8Array.of(7), width: 1, height: 1, channels: 1} as const;
  setTimeout(() => parentPort?.postMessage({id: message.id, decoded: {image}}), 50);
});
parentPort?.postMessage('ready');
