import {createHash} from 'node:crypto';
import {join, parse} from 'node:path';

/** Which of several processes this is, and how many there are. */
export interface Shard {
  /** In `[0, world)`. */
  rank: number;
  world: number;
}

/**
 * Reads `RANK` and `WORLD_SIZE`, which launchers set (torchrun, Slurm's and Kubernetes' templates).
 *
 * @returns undefined where there is one process only.
 * @throws RangeError if they do not fit together.
 */
export function shardFrom(environment: Readonly<Record<string, string | undefined>>): Shard | undefined {
  const {RANK, WORLD_SIZE} = environment;
  if (WORLD_SIZE === undefined || WORLD_SIZE === '1') return undefined;
  const [rank, world] = [RANK, WORLD_SIZE].map(text => (text?.trim() ? Number(text) : Number.NaN));
  if (Number.isInteger(world) && world > 0 && Number.isInteger(rank) && rank >= 0 && rank < world)
    return {rank, world};
  throw new RangeError(
    `RANK must be a whole number from 0 to below WORLD_SIZE, got RANK=${RANK ?? ''} and WORLD_SIZE=${WORLD_SIZE}.`,
  );
}

/** A name for a file among others, in 20 bytes; equal names have equal ones, and chance does not make others so. */
export const fileKey = (file: string): string => createHash('sha1').update(file).digest('binary');

/**
 * Whether a file is this process's. It goes by the name alone, so that files which are added later, or a list in
 * another order, move nothing from one process to another.
 */
export const isInShard = (key: string, {rank, world}: Shard): boolean =>
  Buffer.from(key.slice(0, 6), 'latin1').readUIntBE(0, 6) % world === rank;

/** `results.jsonl` becomes `results.2-of-8.jsonl`: each process writes a file of its own. */
export function shardPath(path: string, {rank, world}: Shard): string {
  const {dir, name, ext} = parse(path);
  return join(dir, `${name}.${rank}-of-${world}${ext}`);
}
