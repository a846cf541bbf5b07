import {fileKey, isInShard, type Shard} from './shard.js';

export interface RemainingOptions {
  /** Only the files of this process. */
  shard?: Shard;
  /** Whether a file, by its key, is done. */
  isDone?: (key: string) => boolean;
}

/** The files that are left to do: those of this process, not done yet, and each once. */
export async function* remaining(
  files: Iterable<string> | AsyncIterable<string>,
  {shard, isDone}: RemainingOptions,
): AsyncGenerator<string> {
  const seen = new Set<string>();
  for await (const file of files) {
    const key = fileKey(file);
    if ((shard && !isInShard(key, shard)) || isDone?.(key) || seen.has(key)) continue;
    seen.add(key);
    yield file;
  }
}
