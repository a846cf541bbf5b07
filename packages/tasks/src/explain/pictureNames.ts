import {writeFile} from 'node:fs/promises';
import {basename, extname, join} from 'node:path';

/** Writes pictures into a folder; images of one name from several folders do not replace each other's. */
export class PictureNames {
  readonly #folder: string;
  readonly #method: string;
  readonly #taken = new Set<string>();

  constructor(folder: string, method: string) {
    this.#folder = folder;
    this.#method = method;
  }

  /** @param name - What it is of: a file, or a name. @returns the path of the picture. */
  async write(name: string, picture: Buffer): Promise<string> {
    const known = /^\.(jpe?g|png|webp|gif|tiff?|avif|bmp)$/i.test(extname(name));
    const stem = `${basename(name, known ? extname(name) : '')}-${this.#method}`;
    for (let n = 1; ; n++) {
      const file = `${stem}${n > 1 ? `-${n}` : ''}.png`;
      if (this.#taken.has(file)) continue;
      this.#taken.add(file);
      const path = join(this.#folder, file);
      await writeFile(path, picture);
      return path;
    }
  }
}
