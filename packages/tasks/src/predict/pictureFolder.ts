import {mkdir, writeFile} from 'node:fs/promises';
import {basename, extname, join} from 'node:path';
import {type Cell, contactSheet} from '../draw/contactSheet.js';
import type {PredictionOutput} from '../kinds/taskKind.js';
import {plural} from '../terminal/format.js';
import type {FilePrediction} from './predict.js';

/** The first so many images are on the contact sheet: more would be too small to read. */
const sheetLimit = 100;
/** Pixels of the pictures there. */
export const cellSize = 140;

/** Draws predictions into a folder: a picture for each file, and a contact sheet of the first hundred. */
export class PictureFolder<Prediction> {
  readonly #output: Pick<PredictionOutput<Prediction>, 'draw' | 'cell'>;
  readonly #folder: string;
  readonly #names = new Set<string>();
  readonly #cells: Cell[] = [];
  #count = 0;

  private constructor(folder: string, output: Pick<PredictionOutput<Prediction>, 'draw' | 'cell'>) {
    this.#folder = folder;
    this.#output = output;
  }

  /** Makes the folder if need be. */
  static async open<Prediction>(
    folder: string,
    output: Pick<PredictionOutput<Prediction>, 'draw' | 'cell'>,
  ): Promise<PictureFolder<Prediction>> {
    await mkdir(folder, {recursive: true});
    return new PictureFolder(folder, output);
  }

  /** Draws one prediction. @returns the path of its picture. */
  async add(prediction: FilePrediction<Prediction>): Promise<string> {
    const path = join(this.#folder, this.#nameFor(prediction.file));
    await writeFile(path, await this.#output.draw(prediction));
    this.#count++;
    if (this.#cells.length < sheetLimit) this.#cells.push(await this.#output.cell(prediction));
    return path;
  }

  /** Draws the contact sheet. @returns its path, or undefined if nothing was added. */
  async finish(): Promise<string | undefined> {
    if (this.#cells.length === 0) return undefined;
    const path = join(this.#folder, 'contact-sheet.png');
    const shown = this.#cells.length;
    const title =
      shown < this.#count
        ? `The first ${shown} of ${plural(this.#count, 'prediction')}`
        : plural(shown, 'prediction');
    await writeFile(path, await contactSheet(this.#cells, {title, cellSize}));
    return path;
  }

  // Files of the same name from several folders must not replace each other's pictures.
  #nameFor(file: string): string {
    const stem = basename(file, extname(file));
    for (let n = 1; ; n++) {
      const name = `${stem}${n > 1 ? `-${n}` : ''}.png`;
      if (this.#names.has(name) || name === 'contact-sheet.png') continue;
      this.#names.add(name);
      return name;
    }
  }
}
