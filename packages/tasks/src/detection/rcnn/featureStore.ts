import {mkdir, readFile, stat} from 'node:fs/promises';
import {join} from 'node:path';
import {writeFileAtomically} from '@foveal/models';

/** Features of the regions of images, a file each: too many to hold, and looked through several times. */
export class FeatureStore {
  readonly #folder: string;
  /** Values of a region. */
  readonly length: number;

  constructor(folder: string, length: number) {
    this.#folder = folder;
    this.length = length;
  }

  /** Has the features of an image's regions made, unless they are there. */
  async fill(image: number, regions: number, make: () => Promise<Float32Array>): Promise<void> {
    const file = this.#file(image);
    const known = await stat(file).catch(() => undefined);
    if (known?.size === 4 * regions * this.length) return;
    const values = await make();
    await mkdir(this.#folder, {recursive: true});
    await writeFileAtomically(file, async handle => {
      await handle.writeFile(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
    });
  }

  /** Those of all regions of an image: `rows(r)` is a view of one. */
  async read(image: number): Promise<(region: number) => Float32Array> {
    const bytes = await readFile(this.#file(image));
    const values = new Float32Array(bytes.length / 4);
    new Uint8Array(values.buffer).set(bytes);
    const {length} = this;
    return region => values.subarray(region * length, (region + 1) * length);
  }

  #file(image: number): string {
    return join(this.#folder, `${image}.f32`);
  }
}
