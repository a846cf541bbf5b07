import {type FileHandle, open} from 'node:fs/promises';
import {WeightsFetchError} from './weightsFetchError.js';

export interface DownloadOptions {
  /** Told after each piece: bytes that are there, and bytes in all if the server says so. */
  progress?: ((done: number, total: number | undefined) => void) | undefined;
  /** Milliseconds without a byte after which the server is given up. @defaultValue 60000 */
  idle?: number | undefined;
  signal?: AbortSignal | undefined;
}

/** A failure that another attempt may mend: the connection, or the server for the moment. */
export class InterruptedDownload extends WeightsFetchError {}

/**
 * Downloads into a file, after what it holds already, if the server can continue there; else from the beginning. What
 * has arrived stays, whatever happens.
 *
 * @throws WeightsFetchError if the server refuses; {@link InterruptedDownload} if it was cut off.
 */
export async function download(
  url: string,
  path: string,
  {progress, idle = 60_000, signal}: DownloadOptions = {},
): Promise<void> {
  const watch = new AbortController();
  const timer = setTimeout(() => watch.abort(new Error(`nothing came for ${idle / 1000} seconds`)), idle);
  const file = await open(path, 'a+');
  try {
    const {size} = await file.stat();
    const response = await fetch(url, {
      // A compressed answer could not be continued.
      headers: {'accept-encoding': 'identity', ...(size > 0 && {range: `bytes=${size}-`})},
      signal: signal ? AbortSignal.any([signal, watch.signal]) : watch.signal,
    });
    const start = await accept(response, file, url, size);
    if (start === null) return;
    const length = Number(response.headers.get('content-length') ?? Number.NaN);
    const total = Number.isFinite(length) ? start + length : undefined;
    let done = start;
    progress?.(done, total);
    for await (const piece of response.body ?? []) {
      timer.refresh();
      await file.appendFile(piece as Uint8Array);
      done += (piece as Uint8Array).length;
      progress?.(done, total);
    }
    if (total !== undefined && done < total) throw new Error(`only ${done} of ${total} bytes came`);
    await file.sync();
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof WeightsFetchError || isFileError(error)) throw error;
    throw new InterruptedDownload(url, `the download broke off (${reasonOf(error)}).`, {cause: error});
  } finally {
    clearTimeout(timer);
    await file.close();
  }
}

/** Where the body goes on, or null if the file is complete. */
async function accept(
  response: Response,
  file: FileHandle,
  url: string,
  size: number,
): Promise<number | null> {
  const {status} = response;
  const range = /^bytes (\d+)-/.exec(response.headers.get('content-range') ?? '');
  if (status === 206 && range && Number(range[1]) === size) return size;
  if (status === 416 && response.headers.get('content-range') === `bytes */${size}`) return null;
  if (status === 200 || status === 206 || status === 416) {
    await file.truncate(0);
    if (status === 200) return 0;
    await response.body?.cancel();
    throw new InterruptedDownload(url, 'the server could not continue the download, which starts anew.');
  }
  await response.body?.cancel();
  const Failure = status >= 500 || status === 429 || status === 408 ? InterruptedDownload : WeightsFetchError;
  throw new Failure(
    url,
    `the server answered ${status} ${response.statusText}. ` +
      'Check the address, or name a mirror that has the file.',
  );
}

const isFileError = (error: unknown) =>
  error instanceof Error && 'syscall' in error && 'path' in error && 'code' in error;

function reasonOf(error: unknown): string {
  const {message, cause} = error as Error;
  return cause instanceof Error && cause.message ? `${message}: ${cause.message}` : message;
}
