import {existsSync} from 'node:fs';
import {open, readdir} from 'node:fs/promises';
import {dirname, join} from 'node:path';

/**
 * The folder that a COCO file's images lie in: its own, or one beside or below it that has the first image. Annotations
 * are usually kept in a folder of their own.
 */
export async function cocoImages(file: string): Promise<string> {
  const own = dirname(file);
  const name = await firstFileName(file);
  if (name === undefined || existsSync(join(own, name))) return own;
  for (const parent of [own, dirname(own)]) {
    const entries = await readdir(parent, {withFileTypes: true}).catch(() => []);
    for (const entry of entries) {
      if (entry.isDirectory() && existsSync(join(parent, entry.name, name))) return join(parent, entry.name);
    }
  }
  return own;
}

async function firstFileName(file: string): Promise<string | undefined> {
  const handle = await open(file);
  try {
    const {buffer, bytesRead} = await handle.read({buffer: Buffer.alloc(1 << 20)});
    const found = /"file_name"\s*:\s*("(?:[^"\\]|\\.)*")/.exec(buffer.toString('utf8', 0, bytesRead));
    return found ? (JSON.parse(found[1]) as string) : undefined;
  } finally {
    await handle.close();
  }
}
