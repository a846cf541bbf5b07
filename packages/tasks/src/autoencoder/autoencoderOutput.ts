import {mkdirSync, writeFileSync} from 'node:fs';
import {basename, extname, join} from 'node:path';
import type {Image} from '@foveal/data';
import {PNG} from 'pngjs';
import {reconstructionGrid} from '../draw/reconstructionGrid.js';
import type {PredictionOutput} from '../kinds/taskKind.js';
import {type FileRecord, isJsonLines, jsonLines} from '../predict/recordFormat.js';
import type {Reconstruction} from './autoencoderTask.js';

/** What is written about one image. */
export interface AutoencoderRecord extends FileRecord {
  /** The mean squared difference of the network's values: high for images unlike those that were learnt from. */
  error: number;
  /** The code. */
  code: number[];
  /** The PNG of the reconstruction, if it is kept. */
  reconstruction?: string;
}

/** @param folder - For PNGs of the reconstructions, named like their images; none if it is not given. */
export function autoencoderOutput(folder?: string): PredictionOutput<Reconstruction> {
  const names = new Set<string>();
  return {
    record({file, error, code, reconstruction}): AutoencoderRecord {
      const record = {
        file,
        error: Number(error.toPrecision(6)),
        code: Array.from(code, value => Number(value.toPrecision(6))),
      };
      if (folder === undefined) return record;
      mkdirSync(folder, {recursive: true});
      const path = join(folder, freeName(basename(file, extname(file)), names));
      writeFileSync(path, pngOf(reconstruction));
      return {...record, reconstruction: path};
    },
    line({error, code, reconstruction}: AutoencoderRecord) {
      const shown = code.slice(0, 8).map(value => value.toFixed(3));
      const numbers = `${shown.join(' ')}${code.length > shown.length ? ' …' : ''}`;
      return [`error ${error.toFixed(5)}`, `code ${numbers}`, reconstruction ?? ''].join('  ').trimEnd();
    },
    format: path => (isJsonLines(path) ? jsonLines : undefined),
    draw: ({input, reconstruction}) =>
      reconstructionGrid(
        [
          {name: 'input', images: [input]},
          {name: 'reconstruction', images: [reconstruction]},
        ],
        {cellSize: Math.min(256, Math.max(84, input.width))},
      ),
    async cell({file, reconstruction, error}) {
      return {image: reconstruction, label: `error ${error.toFixed(4)}`, note: basename(file)};
    },
  };
}

// Records are made at once, and sharp would have to be waited for.
function pngOf({data, width, height, channels}: Image): Buffer {
  const png = new PNG({width, height});
  png.data = Buffer.from(data);
  const colorType = channels === 1 ? 0 : 2;
  return PNG.sync.write(png, {colorType, inputColorType: colorType, bitDepth: 8, inputHasAlpha: false});
}

/** Files of the same name from several folders must not replace each other's pictures. */
function freeName(stem: string, names: Set<string>): string {
  for (let n = 1; ; n++) {
    const name = `${stem}${n === 1 ? '' : `-${n}`}.png`;
    if (names.has(name)) continue;
    names.add(name);
    return name;
  }
}
