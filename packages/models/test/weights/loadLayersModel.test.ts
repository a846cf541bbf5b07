import {mkdtempSync, rmSync, truncateSync, unlinkSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {selectEngine} from '@foveal/core';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import test, {type ExecutionContext} from 'ava';
import {loadLayersModel} from '../../src/weights/loadLayersModel.js';

test.before(async () => {
  await selectEngine();
});

/** Writes a small model as tfjs-layers does, its bytes in two parts. */
async function saved(t: ExecutionContext): Promise<{path: string; folder: string; model: tfl.Sequential}> {
  const folder = mkdtempSync(join(tmpdir(), 'foveal-'));
  t.teardown(() => rmSync(folder, {recursive: true, force: true}));
  const model = tfl.sequential({
    layers: [
      tfl.layers.conv2d({name: 'conv', filters: 3, kernelSize: 3, inputShape: [8, 8, 3]}),
      tfl.layers.batchNormalization({name: 'norm'}),
      tfl.layers.flatten(),
      tfl.layers.dense({name: 'scores', units: 4, activation: 'softmax'}),
    ],
  });
  const path = join(folder, 'model.json');
  await model.save({
    async save({modelTopology, weightSpecs = [], weightData}) {
      const bytes = Buffer.from(weightData as ArrayBuffer);
      writeFileSync(join(folder, 'part1.bin'), bytes.subarray(0, 100));
      writeFileSync(join(folder, 'part2.bin'), bytes.subarray(100));
      const weightsManifest = [{paths: ['part1.bin', 'part2.bin'], weights: weightSpecs}];
      writeFileSync(path, JSON.stringify({format: 'layers-model', modelTopology, weightsManifest}));
      return {modelArtifactsInfo: {dateSaved: new Date(), modelTopologyType: 'JSON' as const}};
    },
  });
  return {path, folder, model};
}

test.serial('a model comes back from its files and predicts the same', async t => {
  const {path, model} = await saved(t);
  const backbone = await loadLayersModel(path);
  t.false(backbone.training);
  const image = tf.randomUniform<tf.Rank.R4>([2, 8, 8, 3], -1, 1, 'float32', 5);
  const difference = tf.sub(tf.softmax(backbone.forward(image)), model.predict(image) as tf.Tensor);
  t.true((tf.max(tf.abs(difference)).dataSync()[0] as number) < 1e-6);
  t.deepEqual(backbone.featureMaps, [{layer: 'norm', channels: 3, stride: 1}]);
});

test.serial('what is wrong with the files is said, with their names', async t => {
  const {path, folder} = await saved(t);
  truncateSync(join(folder, 'part2.bin'), 40);
  await t.throwsAsync(loadLayersModel(path), {
    message: /model\.json: its 8 weights take 2128 bytes, but its parts hold 140\. Is one cut short\?/,
  });
  unlinkSync(join(folder, 'part2.bin'));
  await t.throwsAsync(loadLayersModel(path), {message: /part2\.bin: no such file/});
  const rewrite = (change: object) => writeFileSync(path, JSON.stringify(change));
  rewrite({format: 'graph-model', modelTopology: {}, weightsManifest: []});
  await t.throwsAsync(loadLayersModel(path), {message: /is a graph model.*tfjs_layers_model/});
  rewrite({modelTopology: {}, weightsManifest: [{paths: ['../secret.bin'], weights: []}]});
  await t.throwsAsync(loadLayersModel(path), {message: /outside its folder: "\.\.\/secret\.bin"/});
  rewrite({weights: 1});
  await t.throwsAsync(loadLayersModel(path), {message: /lacks modelTopology or weightsManifest/});
  rewrite({
    modelTopology: {class_name: 'Sequential', config: {layers: [{class_name: 'Swirl', config: {}}]}},
    weightsManifest: [],
  });
  await t.throwsAsync(loadLayersModel(path), {message: /model\.json: .*Swirl/});
  writeFileSync(path, '{"modelTopology": ');
  await t.throwsAsync(loadLayersModel(path), {message: /model\.json: is no JSON/});
  await t.throwsAsync(loadLayersModel(join(folder, 'none.json')), {message: /none\.json: no such file/});
});
