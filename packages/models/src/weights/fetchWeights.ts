import {createHash} from 'node:crypto';
import {createReadStream} from 'node:fs';
import {mkdir, readdir, rename, rm} from 'node:fs/promises';
import {basename, dirname, join} from 'node:path';
import {cacheFolder} from './cacheFolder.js';
import {type DownloadOptions, download, InterruptedDownload} from './download.js';
import {syncFolder} from './syncFolder.js';
import {WeightsFetchError} from './weightsFetchError.js';
import type {WeightsRecord} from './weightsRecord.js';

export interface FetchWeightsOptions extends DownloadOptions {
  /** Where files are kept. @defaultValue `weights` in {@link cacheFolder} */
  folder?: string;
  /** Never ask a server: the file is in the folder, or it is an error. @defaultValue whether `FOVEAL_OFFLINE` is 1 */
  offline?: boolean;
  /** Address of a folder that holds the files under their own names, asked instead. @defaultValue `FOVEAL_MIRROR` */
  mirror?: string | undefined;
}

/**
 * Gets published weights as a file, from the cache or from the server. The checksum is compared each time, so that a
 * damaged file is fetched anew. A download that was cut off goes on where it stopped, at once and, if that fails, at
 * the next call; the file gets its name when it is complete. Processes that fetch the same file do not disturb each
 * other.
 *
 * @returns The path, for `loadWeights`.
 * @throws WeightsFetchError if it cannot be had, or if what came is not what was published.
 */
export function fetchWeights(
  record: Pick<WeightsRecord, 'url' | 'sha256'>,
  options: FetchWeightsOptions = {},
): Promise<string> {
  const name = basename(new URL(record.url).pathname);
  const path = join(options.folder ?? join(cacheFolder(), 'weights'), name);
  const running = inFlight.get(path);
  if (running) return running;
  const fetching = fetchTo(path, record, options).finally(() => inFlight.delete(path));
  inFlight.set(path, fetching);
  return fetching;
}

const inFlight = new Map<string, Promise<string>>();

async function fetchTo(
  path: string,
  {url: published, sha256}: Pick<WeightsRecord, 'url' | 'sha256'>,
  {
    offline = process.env['FOVEAL_OFFLINE'] === '1',
    mirror = process.env['FOVEAL_MIRROR'],
    ...options
  }: FetchWeightsOptions,
): Promise<string> {
  const name = basename(path);
  const url = mirror ? `${mirror.replace(/\/+$/, '')}/${name}` : published;
  if ((await checksum(path))?.startsWith(sha256)) return path;
  if (offline) {
    throw new WeightsFetchError(
      url,
      `there is no undamaged ${path}, and nothing is downloaded offline. ` +
        'Put the file there, or allow the download (FOVEAL_OFFLINE=0).',
    );
  }
  await mkdir(dirname(path), {recursive: true});
  const part = await claimPart(path);
  let failure: unknown;
  for (let attempt = 0; attempt < 2; attempt++) {
    try {
      await download(url, part, options);
    } catch (error) {
      if (!(error instanceof InterruptedDownload)) throw error;
      failure = error;
      continue;
    }
    const got = await checksum(part);
    if (got?.startsWith(sha256)) {
      await rename(part, path);
      await syncFolder(dirname(path));
      return path;
    }
    await rm(part, {force: true});
    failure = new WeightsFetchError(
      url,
      `what came has the checksum ${got?.slice(0, sha256.length)}, published is ${sha256}. It was removed. ` +
        'Is there a proxy that changes files, or a mirror that has another version?',
    );
  }
  throw failure;
}

/**
 * The file that this process downloads into: what a dead process has left of the same download, if anything. Renaming
 * is what keeps two from taking it.
 */
async function claimPart(path: string): Promise<string> {
  const own = `${path}.${process.pid}.part`;
  const prefix = `${basename(path)}.`;
  for (const name of await readdir(dirname(path))) {
    const pid = name.startsWith(prefix) && /^(\d+)\.part$/.exec(name.slice(prefix.length))?.[1];
    if (!pid || isAlive(Number(pid))) continue;
    const claimed = await rename(join(dirname(path), name), own).then(
      () => true,
      () => false,
    );
    if (claimed) break;
  }
  return own;
}

function isAlive(pid: number): boolean {
  if (pid === process.pid) return true;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** SHA-256 in hexadecimal, or undefined if there is no such file. */
async function checksum(path: string): Promise<string | undefined> {
  const hash = createHash('sha256');
  try {
    for await (const piece of createReadStream(path, {highWaterMark: 2 ** 20})) hash.update(piece as Buffer);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  return hash.digest('hex');
}
