import {existsSync, mkdirSync, readdirSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {flatten, Random, selectEngine} from '@foveal/core';
import {type Dataset, decodeImage, type Sample} from '@foveal/data';
import {features} from '@foveal/models';
import * as tf from '@tensorflow/tfjs-core';
import test from 'ava';
import {keepsOnlyResults, noise} from '../../../core/test/support.js';
import {autoencoderLosses} from '../../src/autoencoder/autoencoderLosses.js';
import {type AutoencoderModelName, autoencoderModels} from '../../src/autoencoder/autoencoderModels.js';
import {autoencoder} from '../../src/autoencoder/autoencoderTask.js';
import {ConvolutionalAutoencoder} from '../../src/autoencoder/convolutionalAutoencoder.js';
import {DenseAutoencoder} from '../../src/autoencoder/denseAutoencoder.js';
import {EncoderBackbone} from '../../src/autoencoder/encoderBackbone.js';
import {pca} from '../../src/autoencoder/pca.js';
import {stackedPretraining} from '../../src/autoencoder/stackedPretraining.js';
import {VariationalAutoencoder} from '../../src/autoencoder/variational.js';
import {classifier} from '../../src/classification/classifier.js';
import {thinnedAverage} from '../../src/classification/thinnedNetworks.js';
import {evaluate} from '../../src/evaluate.js';
import {loadCheckpoint, saveCheckpoint} from '../../src/train/checkpoint.js';
import {train} from '../../src/train/train.js';
import {foveal} from '../support/foveal.js';
import {patterns, writeFolder, writePng} from '../support/patterns.js';
import {temporaryFolder} from '../support/temporaryFolder.js';

test.before(() => selectEngine());

const quick = {optimizer: 'adam', weightDecay: 0, schedule: 'constant', onProgress: () => {}} as const;
const names = Object.keys(autoencoderModels) as AutoencoderModelName[];

/** Grey images of 4 × 4 that vary along three directions, most along the first. */
function plane(count: number): Dataset {
  const random = new Random(1);
  const directions = Array.from({length: 3}, () => Array.from({length: 16}, () => random.normal()));
  const samples = Array.from({length: count}, (_, index): Sample => {
    const along = [18, 12, 6].map(length => length * random.normal());
    const data = Uint8Array.from({length: 16}, (_, i) =>
      Math.max(
        0,
        Math.min(255, Math.round(128 + directions.reduce((sum, d, k) => sum + along[k] * d[i], 0))),
      ),
    );
    return {image: {data, width: 4, height: 4, channels: 1}, file: `plane ${index}`};
  });
  return {length: count, categories: [], get: async index => samples[index]};
}

for (const name of names) {
  test.serial(`${name} has the parameters that the table says, and learns four images by heart`, async t => {
    const record = autoencoderModels[name];
    const whole = record.build({random: new Random(0)});
    t.is(whole.numParameters(), record.parameters);
    whole.dispose();
    const small = {
      dense_autoencoder: {layers: [32, 8], activation: 'relu'},
      linear_autoencoder: {code: 8},
      conv_autoencoder: {channels: [8], code: 8},
      // Its codes are noise unless the divergence hardly counts.
      variational_autoencoder: {layers: [32], code: 8, beta: 1e-3},
    } as const;
    const task = autoencoder(name, {options: {inputShape: [12, 12, 1], ...small[name]}});
    const dataset = patterns(4, {size: 12});
    const before = await evaluate(task, dataset);
    await train(task, dataset, {...quick, steps: 250, batchSize: 4, learningRate: 0.01});
    const after = await evaluate(task, dataset);
    t.true(after.error < before.error / 20, `${before.error} → ${after.error}`);
    t.is(after.images, 4);
    const [{error, code, reconstruction, input}] = await task.predict([(await dataset.get(0)).image]);
    t.is(code.length, 8);
    t.deepEqual(input.data, (await dataset.get(0)).image.data);
    const off =
      reconstruction.data.reduce((sum, value, i) => sum + ((value - input.data[i]) / 255) ** 2, 0) / 144;
    t.true(Math.abs(off - error) < 1e-4 + 0.1 * error);
    task.model.dispose();
  });
}

test.serial('a linear autoencoder comes to the error of PCA, and not below it', async t => {
  const dataset = plane(200);
  const images = await Promise.all(
    Array.from({length: 200}, async (_, i) => (await dataset.get(i)).image.data),
  );
  const data = tf.tidy(() =>
    tf.div(tf.sub(tf.tensor2d(images.map(row => [...row])), 127.5), 25.5),
  ) as tf.Tensor2D;
  const best = await pca(data, 2);
  const wanted = tf.tidy(
    () => tf.mean(tf.squaredDifference(best.decode(best.encode(data)), data)).dataSync()[0],
  );
  const task = autoencoder('linear_autoencoder', {
    options: {inputShape: [4, 4, 1], code: 2},
    preprocess: {inputSize: [4, 4], color: 'gray', scale: 1 / 255, mean: [0.5], std: [0.1]},
  });
  await train(task, dataset, {...quick, schedule: 'cosine', epochs: 100, batchSize: 50, learningRate: 0.01});
  const {error} = await evaluate(task, dataset);
  t.true(error > wanted * 0.9999 && error < wanted * 1.03, `${error}, PCA ${wanted}`);
});

test.serial('losses of every kind leave no tensors, and those that do not fit are refused', t => {
  const images = tf.tidy(() => tf.abs(noise([2, 4, 4, 1]))) as tf.Tensor4D;
  const options = {
    inputShape: [4, 4, 1],
    random: new Random(1),
    corruption: {kind: 'masking', rate: 0.5},
  } as const;
  const dense = new DenseAutoencoder({...options, layers: [3], codeActivation: 'sigmoid'});
  const settings = {sparsity: {kind: 'kl', target: 0.1, weight: 0.5}, contraction: 0.1} as const;
  keepsOnlyResults(t, () => tf.tidy(() => autoencoderLosses(dense, images, settings)));
  t.deepEqual(Object.keys(tf.tidy(() => autoencoderLosses(dense, images, settings))), [
    'reconstruction',
    'sparsity',
    'contraction',
  ]);
  const variational = new VariationalAutoencoder({...options, layers: [3], code: 2});
  t.deepEqual(Object.keys(autoencoderLosses(variational, images)), ['reconstruction', 'divergence']);
  for (const make of [
    () => autoencoder('linear_autoencoder', {reconstruction: 'crossEntropy'}),
    () => autoencoder('conv_autoencoder', {sparsity: {kind: 'kl', target: 0.1, weight: 1}}),
    () => autoencoder('dense_autoencoder', {contraction: 1}),
  ])
    t.throws(make, {instanceOf: TypeError, message: /autoencoder: .*build/i});
  t.throws(() => autoencoder('dense_autoencodr' as never), {message: /nearest name is "dense_autoencoder"/});
});

test.serial('a checkpoint alone gives the network back, with its noise and its codes', async t => {
  const folder = temporaryFolder(t);
  for (const name of names) {
    const options = {inputShape: [12, 12, 3], corruption: {kind: 'gaussian', deviation: 0.1}} as const;
    const task = autoencoder(name, {options, seed: 3});
    const path = join(folder, `${name}.safetensors`);
    await saveCheckpoint(task, path);
    const {task: again} = await loadCheckpoint(path, 'autoencoding');
    const {image} = await patterns(1, {size: 12, channels: 3}).get(0);
    t.deepEqual((await again.predict([image]))[0].code, (await task.predict([image]))[0].code);
    t.deepEqual(again.model.corruption?.settings, options.corruption);
  }
});

test.serial('layers are trained one after another, each on the codes of those below, which stay', async t => {
  const network = new DenseAutoencoder({
    inputShape: [12, 12, 1],
    layers: [20, 10],
    codeActivation: 'sigmoid',
    random: new Random(1),
  });
  const weights = () => [0, 1].map(i => String(network.pair(i).encode.weight.dataSync()));
  const start = weights();
  const seen: string[][] = [];
  const results = await stackedPretraining(network, patterns(12, {size: 12}), {
    ...quick,
    epochs: 30,
    batchSize: 12,
    learningRate: 0.01,
    corruption: {kind: 'masking', rate: 0.1},
    onLayer: () => void seen.push(weights()),
  });
  t.is(results.length, 2);
  for (const {epochs} of results) t.true(epochs[29].loss < epochs[0].loss * 0.97);
  t.not(seen[0][0], start[0]);
  t.is(seen[0][1], start[1]);
  t.is(seen[1][0], seen[0][0]);
  t.not(seen[1][1], start[1]);
  await t.throwsAsync(stackedPretraining(network, patterns(2), {corruption: [undefined]}), {
    message: /2 layers.*got 1/,
  });
});

test.serial(
  'an encoder is a backbone: a classifier starts from its weights, its maps have the sizes it says',
  async t => {
    const network = new ConvolutionalAutoencoder({channels: [4, 6], code: 8, random: new Random(1)});
    const dataset = patterns(12);
    const task = autoencoder(network);
    await train(task, dataset, {...quick, steps: 20, batchSize: 12});
    const backbone = new EncoderBackbone(network, {numClasses: 3, random: new Random(1)});
    t.is(backbone.stateDict()['encoder.0.weight'], network.stateDict()['encoder.0.weight']);
    const images = noise([1, 28, 28, 1]) as tf.Tensor4D;
    for (const [i, map] of features(backbone, images).entries()) {
      const {channels, stride} = backbone.featureMaps[i];
      t.deepEqual(map.shape, [1, 28 / stride, 28 / stride, channels]);
    }
    const {preprocess} = task.description;
    const labels = classifier(backbone, {categories: dataset.categories, preprocess: preprocess!});
    await train(labels, dataset, {...quick, steps: 60, batchSize: 12, learningRate: 0.01});
    t.is((await evaluate(labels, dataset)).top1, 1);
    const variational = new EncoderBackbone(new VariationalAutoencoder({layers: [4], code: 3}));
    t.deepEqual(variational.forward(images).shape, [1, 10]);
  },
);

test.serial('foveal trains, measures and runs an autoencoder on a folder without labels', async t => {
  const folder = temporaryFolder(t);
  const images = join(folder, 'scans');
  mkdirSync(images);
  const dataset = patterns(10);
  for (let i = 0; i < 10; i++) await writePng((await dataset.get(i)).image, join(images, `${i}.png`));
  const out = join(folder, 'run');
  const settings = ['--layers', '16,4', '--noise', 'masking:0.2', '--sparsity', 'l1:1e-4', '--steps', '3'];
  const trained = await foveal(
    'train',
    'autoencode',
    '--model',
    'dense_autoencoder',
    '--data',
    images,
    '--out',
    out,
    ...settings,
  );
  t.is(trained.code, 0, trained.stderr);
  t.regex(trained.stdout, /reconstruction error of/);
  const checkpoint = join(out, 'best.safetensors');
  const report = join(folder, 'report');
  const measured = await foveal('eval', '--checkpoint', checkpoint, '--data', images, '--out', report);
  t.is(measured.code, 0, measured.stderr);
  t.regex(measured.stdout, /reconstruction error 0\.\d+ .*10 images/);
  t.deepEqual(readdirSync(report).sort(), ['codes.png', 'reconstructions.png', 'report.json']);
  t.is(JSON.parse(readFileSync(join(report, 'report.json'), 'utf8')).images, 10);
  const [results, drawn] = [join(folder, 'codes.jsonl'), join(folder, 'drawn')];
  const predicted = await foveal(
    'predict',
    '--checkpoint',
    checkpoint,
    images,
    '--out',
    results,
    '--reconstructions',
    drawn,
    '--pictures',
    join(folder, 'pictures'),
  );
  t.is(predicted.code, 0, predicted.stderr);
  const records = readFileSync(results, 'utf8')
    .trim()
    .split('\n')
    .map(line => JSON.parse(line));
  t.is(records.length, 10);
  for (const {code, error, reconstruction} of records) {
    t.is(code.length, 4);
    t.true(error > 0);
    const {width, height, channels} = await decodeImage(reconstruction);
    t.deepEqual([width, height, channels], [28, 28, 1]);
  }
  t.true(existsSync(join(folder, 'pictures', 'contact-sheet.png')));

  // Labels colour a picture, and change nothing else: a set with labels will do as well.
  const labelled = join(folder, 'labelled');
  await writeFolder(dataset, labelled);
  const same = await foveal('eval', '--checkpoint', checkpoint, '--data', labelled, '--json');
  t.is(same.code, 0, same.stderr);
  t.true(
    Math.abs(
      JSON.parse(same.stdout).error - JSON.parse(readFileSync(join(report, 'report.json'), 'utf8')).error,
    ) < 1e-6,
  );
  const refused = await foveal('train', '--model', 'lenet5', '--data', images, '--out', join(folder, 'no'));
  t.is(refused.code, 2);
  t.regex(refused.stderr, /no labels, which classify needs/);
});

const wrong: [string[], RegExp][] = [
  [['--layers', '5,x'], /--layers 5,x: expected whole numbers/],
  [['--noise', 'masking:2'], /--noise masking:2: expected gaussian:DEVIATION/],
  [['--sparsity', 'kl:0.1'], /--sparsity kl:0\.1: expected/],
  [['--sparsity', 'kl:0.1:1'], /codes of sigmoid units; these are linear/],
  [['--contraction', '1', '--layers', '9,8'], /one dense layer/],
  [['--code', '9'], /dense_autoencoder has no setting --code/],
  [['--activation', 'relo'], /--activation relo: expected sigmoid/],
];
for (const [options, message] of wrong) {
  test.serial(`autoencode ${options.join(' ')} is refused with what was expected`, async t => {
    const folder = temporaryFolder(t);
    await writePng((await patterns(1).get(0)).image, join(folder, 'a.png'));
    const argv = [
      '--model',
      'dense_autoencoder',
      '--data',
      folder,
      '--validation',
      '0',
      '--out',
      join(folder, 'x'),
    ];
    const {code, stderr} = await foveal('train', 'autoencode', ...argv, ...options);
    t.is(code, 2, stderr);
    t.regex(stderr, message);
  });
}

test.serial(
  'the mean of thinned networks comes close to what all units say, and depends on its seed alone',
  async t => {
    const {DropoutNetwork} = await import('@foveal/models');
    const network = new DropoutNetwork({
      inputShape: [4, 4, 1],
      hidden: [64],
      numClasses: 3,
      random: new Random(1),
    });
    t.is(network.numParameters(), 16 * 64 + 64 + 64 * 3 + 3);
    const images = noise([5, 4, 4, 1], 3) as tf.Tensor4D;
    const off = (count: number) =>
      tf.tidy(() => {
        const mean = thinnedAverage(network, images, {count, seed: 4});
        return tf.mean(tf.abs(tf.sub(mean, tf.softmax(network.forward(images))))).dataSync()[0];
      });
    t.true(off(200) < off(1) / 3, `${off(1)} → ${off(200)}`);
    const [a, b] = [1, 2].map(() => String(thinnedAverage(network, images, {count: 3, seed: 4}).dataSync()));
    t.is(a, b);
    t.false(network.training);
    keepsOnlyResults(t, () => thinnedAverage(network, images, {count: 2}));
    t.is(flatten(images).shape[1], 16);
  },
);
