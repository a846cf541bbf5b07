import {readFile, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {loadWeights, saveWeights} from '@foveal/models';
import type {Rcnn} from './rcnn.js';

/** Which stages of a training are done, with the weights after each: what a second call goes on from. */
export class RcnnStages {
  readonly #folder: string;
  readonly #done: Set<string>;
  readonly #settings: string;

  private constructor(folder: string, settings: string, done: readonly string[]) {
    this.#folder = folder;
    this.#settings = settings;
    this.#done = new Set(done);
  }

  /** @throws Error if the folder holds stages of other settings. */
  static async open(folder: string, settings: Record<string, unknown>): Promise<RcnnStages> {
    const file = join(folder, 'stages.json');
    const wanted = JSON.stringify(settings);
    const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      throw error;
    });
    if (text === undefined) return new RcnnStages(folder, wanted, []);
    const known = JSON.parse(text) as {settings: Record<string, unknown>; done: string[]};
    if (JSON.stringify(known.settings) !== wanted) {
      const different = Object.keys(settings).filter(
        name => JSON.stringify(settings[name]) !== JSON.stringify(known.settings[name]),
      );
      throw new Error(
        `trainRcnn: ${folder} holds a training with other settings (${different.join(', ')}). ` +
          'Choose another folder, or delete this one.',
      );
    }
    return new RcnnStages(folder, wanted, known.done);
  }

  /**
   * Runs a stage, or loads what it came to before.
   *
   * @param work - @returns whether the stage came to its end.
   */
  async run(stage: string, model: Rcnn, work: () => Promise<boolean>): Promise<boolean> {
    const weights = join(this.#folder, `${stage}.safetensors`);
    if (this.#done.has(stage)) {
      await loadWeights(model, weights);
      return true;
    }
    if (!(await work())) return false;
    await saveWeights(model, weights);
    this.#done.add(stage);
    const record = {settings: JSON.parse(this.#settings) as unknown, done: [...this.#done]};
    await writeFile(join(this.#folder, 'stages.json'), JSON.stringify(record));
    return true;
  }
}
