import {type ReadPthOptions, readPth} from './readPth.js';
import {readSafetensors} from './readSafetensors.js';
import {legacyMagic} from './readTorchLegacy.js';
import {withSourceFile} from './sourceFile.js';
import type {WeightsFile} from './weightsFile.js';
import {WeightsFileError} from './weightsFileError.js';

/**
 * Reads a weights file of any format Foveal knows: safetensors, or torch's zip and legacy layouts. Its content decides,
 * not its name.
 *
 * @throws WeightsFileError naming the file and what is wrong with it.
 */
export async function readWeights(path: string, options: ReadPthOptions = {}): Promise<WeightsFile> {
  const head = await withSourceFile(path, file => file.read(0, Math.min(file.size, 16), 'the beginning'));
  if (head.length === 0) throw new WeightsFileError(path, 'the file is empty.');
  if (isTorch(head)) return readPth(path, options);
  // A safetensors header is a JSON object, after the eight bytes of its length.
  if (head[8] === 0x7b || path.endsWith('.safetensors')) return readSafetensors(path);
  if (looksLikePickle(head)) return readPth(path, options);
  const bytes = head.subarray(0, 8).toString('hex');
  throw new WeightsFileError(
    path,
    `begins with ${bytes}, which is neither safetensors nor torch.save's zip or legacy layout.`,
  );
}

const isTorch = (head: Buffer) =>
  head.subarray(0, 4).equals(zipMagic) ||
  head.equals(legacyMagic.subarray(0, head.length)) ||
  head.subarray(0, 15).equals(legacyMagic);

const zipMagic = Buffer.from('PK\u0003\u0004', 'latin1');

// Protocol 2 and later, or an old text pickle, which is how most attacks are written: (…, c<module>.
const looksLikePickle = (head: Buffer) => head[0] === 0x80 || head[0] === 0x28 || head[0] === 0x63;
