// The files of tfjs-layers: model.json holds the layers and a list of weights, whose bytes lie beside it in parts.
import {dirname, isAbsolute, join} from 'node:path';
import type {io} from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import {LayersModelBackbone, type LayersModelOptions} from '../layersModel.js';
import {withSourceFile} from './sourceFile.js';
import {WeightsFileError} from './weightsFileError.js';

/**
 * Opens a Keras-style model of TensorFlow.js from disk: the network and its weights. Needs the package
 * `@tensorflow/tfjs-layers`.
 *
 * @param path - The `model.json`; the files that it names lie beside it.
 * @returns The model as a backbone, in evaluation mode; the caller disposes it.
 * @throws WeightsFileError that names the file if it is no such model, a part is missing or cut short, or a layer is
 * not known to tfjs-layers.
 */
export async function loadLayersModel(
  path: string,
  options: LayersModelOptions = {},
): Promise<LayersModelBackbone> {
  const artifacts = await readArtifacts(path);
  const {loadLayersModel: load} = await layersPackage();
  try {
    return new LayersModelBackbone(await load({load: async () => artifacts}), options).eval();
  } catch (error) {
    throw new WeightsFileError(path, (error as Error).message.split('\n')[0], {cause: error});
  }
}

async function layersPackage(): Promise<typeof import('@tensorflow/tfjs-layers')> {
  try {
    return await import('@tensorflow/tfjs-layers');
  } catch (cause) {
    throw new Error(
      'loadLayersModel: needs the package @tensorflow/tfjs-layers. Install it: npm install @tensorflow/tfjs-layers@4',
      {cause},
    );
  }
}

async function readArtifacts(path: string): Promise<io.ModelArtifacts> {
  const model = await readModelJson(path);
  const weightSpecs = model.weightsManifest.flatMap(({weights}) => weights);
  const parts: Buffer[] = [];
  for (const name of model.weightsManifest.flatMap(({paths}) => paths)) {
    if (isAbsolute(name) || name.split(/[\\/]/).includes('..'))
      throw new WeightsFileError(path, `names a file outside its folder: ${JSON.stringify(name)}.`);
    parts.push(await whole(join(dirname(path), name)));
  }
  const bytes = Buffer.concat(parts);
  const expected = weightSpecs.reduce((sum, spec) => sum + sizeOf(spec), 0);
  if (bytes.length !== expected) {
    throw new WeightsFileError(
      path,
      `its ${weightSpecs.length} weights take ${expected} bytes, but its parts hold ${bytes.length}. Is one cut short?`,
    );
  }
  // Without its training configuration, which would build an optimizer.
  const {modelTopology} = model;
  return {modelTopology, weightSpecs, weightData: new Uint8Array(bytes).buffer};
}

const whole = (path: string) => withSourceFile(path, file => file.read(0, file.size, 'the file'));

const sizeOf = ({shape, dtype, quantization}: io.WeightsManifestEntry) =>
  tf.util.sizeFromShape(shape) * bytesOf[quantization?.dtype ?? dtype];

const bytesOf: Record<string, number> = {float32: 4, int32: 4, float16: 2, uint16: 2, uint8: 1, bool: 1};

async function readModelJson(path: string): Promise<io.ModelJSON> {
  const text = (await whole(path)).toString('utf8');
  let model: io.ModelJSON;
  try {
    model = JSON.parse(text) as io.ModelJSON;
  } catch (cause) {
    throw new WeightsFileError(path, `is no JSON: ${(cause as Error).message}`, {cause});
  }
  const {format, modelTopology, weightsManifest} = model;
  if (format === 'graph-model') {
    throw new WeightsFileError(
      path,
      'is a graph model, which cannot be trained or taken apart. Convert it with ' +
        '--output_format=tfjs_layers_model.',
    );
  }
  const known = weightsManifest?.flatMap?.(({weights}) => weights) ?? [];
  const strange = known.find(spec => bytesOf[spec.quantization?.dtype ?? spec.dtype] === undefined);
  if (!modelTopology || !Array.isArray(weightsManifest) || strange) {
    throw new WeightsFileError(
      path,
      strange
        ? `its weight ${strange.name} is of type ${strange.dtype}, which Foveal does not read.`
        : 'is no model of tfjs-layers: it lacks modelTopology or weightsManifest.',
    );
  }
  return model;
}
