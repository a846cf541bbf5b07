import {boxIou, rleFromMask, selectEngine, untaped} from '@foveal/core';
import {googLeNet, resNet18, squeezeNet1_1} from '@foveal/models';
import * as tf from '@tensorflow/tfjs-core';
import test, {type ExecutionContext} from 'ava';
import {AnchorGenerator} from '../../src/detection/anchorGenerator.js';
import {BalancedSampler} from '../../src/detection/balancedSampler.js';
import {type BoxWeights, decodeBoxes, encodeBoxes} from '../../src/detection/boxCoder.js';
import type {Target} from '../../src/detection/detectionNetwork.js';
import {fasterRcnn} from '../../src/detection/fasterRcnn.js';
import {GeneralizedRcnnTransform} from '../../src/detection/generalizedRcnnTransform.js';
import {matchBoxes, matchOverlaps} from '../../src/detection/matcher.js';
import {assignLevels} from '../../src/detection/multiScaleRoiAlign.js';
import {placeMasks} from '../../src/detection/placeMasks.js';
import {publishedRcnnName} from '../../src/detection/publishedRcnnName.js';
import {RegionProposalNetwork} from '../../src/detection/regionProposalNetwork.js';
import {maskRcnn} from '../../src/instance/maskRcnn.js';
import {goldenRcnn, picture} from './filledRcnn.js';

interface Parts {
  masks: {size: [number, number]; minSize: number; maxSize: number; rows: number[]; columns: number[]}[];
  anchors: {sizes: number[][]; maps: [number, number][]; input: [number, number]; expected: number[][]};
  coder: Record<'boxes' | 'references' | 'offsets' | 'encoded' | 'decoded', number[][]>;
  matcher: {overlaps: number[][]; plain: number[]; keepBest: number[]};
  levels: {sides: number[]; expected: number[]};
  proposals: {
    perLevel: number[];
    boxes: number[][][];
    objectness: number[][];
    sizes: [number, number][];
    expected: Record<'training' | 'prediction', number[][][]>;
  };
}
const golden = goldenRcnn<Parts>('parts');

test.before(async () => {
  await selectEngine();
});

test('anchors are torchvision’s, level by level', t => {
  const {sizes, maps, input, expected} = golden.anchors;
  near(t, new AnchorGenerator({sizes}).anchors(maps, input), expected.flat());
});

test('boxes are coded as torchvision does, and come back', t => {
  const weights: BoxWeights = [10, 10, 5, 5];
  const [boxes, references, offsets] = [
    golden.coder.boxes,
    golden.coder.references,
    golden.coder.offsets,
  ].map(rows => tf.tensor2d(rows));
  const encoded = encodeBoxes(boxes, references, weights);
  near(t, encoded, golden.coder.encoded.flat());
  near(t, decodeBoxes(offsets, references, weights), golden.coder.decoded.flat());
  near(t, decodeBoxes(encoded, references, weights), golden.coder.boxes.flat(), 1e-5);
});

test('candidates are matched as torchvision does, ties and the best of each object included', t => {
  const overlaps = tf.tensor2d(golden.matcher.overlaps);
  const thresholds = {high: 0.7, low: 0.3};
  t.deepEqual([...matchOverlaps(overlaps, thresholds).dataSync()], golden.matcher.plain);
  const best = matchOverlaps(overlaps, {...thresholds, keepBest: true});
  t.deepEqual([...best.dataSync()], golden.matcher.keepBest);
  const none = matchBoxes(tf.zeros([0, 4]), tf.zeros([2, 4]), thresholds);
  t.deepEqual([...none.dataSync()], [-1, -1]);
});

test('the level of a box is torchvision’s, at the borders, too', t => {
  const {sides, expected} = golden.levels;
  const squares = tf.tensor2d(sides.map(side => [0, 0, side, side]));
  t.deepEqual([...assignLevels(squares, [4, 8, 16, 32]).dataSync()], expected);
});

test('proposals are filtered as torchvision does', t => {
  const {perLevel, boxes, objectness, sizes, expected} = golden.proposals;
  const net = new RegionProposalNetwork(1, new AnchorGenerator({sizes: [[1], [1]]}), {
    beforeNms: {training: 9, prediction: 6},
    afterNms: {training: 7, prediction: 5},
    nmsThreshold: 0.5,
    scoreThreshold: 0.3,
  });
  // Anchors of one image and offsets of zero: each image apart.
  for (const mode of ['training', 'prediction'] as const) {
    net.train(mode === 'training');
    boxes.forEach((rows, image) => {
      const scores = {
        anchors: tf.tensor2d(rows),
        perLevel,
        objectness: tf.tensor2d([objectness[image]]),
        offsets: tf.zeros<tf.Rank.R3>([1, rows.length, 4]),
      };
      const [found] = net.propose(scores, [sizes[image]]);
      near(t, found, expected[mode][image].flat(), 1e-5);
    });
  }
});

test('the sampler takes its share of objects and fills up with background, each once', t => {
  const matches = tf.tensor1d(
    Array.from({length: 500}, (_, i) => (i % 10 === 0 ? i % 3 : i % 7 === 0 ? -2 : -1)),
    'int32',
  );
  const sampler = new BalancedSampler({perImage: 100, positiveFraction: 0.25});
  const draw = () => {
    const {positive, negative} = sampler.forward(matches);
    return [[...positive.dataSync()], [...negative.dataSync()]];
  };
  const [positive, negative] = draw();
  t.is(new Set(positive).size, 25);
  t.is(new Set(negative).size, 75);
  t.true(positive.every(i => i % 10 === 0));
  t.true(negative.every(i => i % 10 !== 0 && i % 7 !== 0));
  t.notDeepEqual(draw()[0], positive);
  sampler.reseed(7);
  const first = draw();
  sampler.reseed(7);
  t.deepEqual(draw(), first);
});

test('every candidate is as likely to be drawn', t => {
  const matches = tf.fill([20], -1, 'int32') as tf.Tensor1D;
  const sampler = new BalancedSampler({perImage: 5, positiveFraction: 0}).reseed(1);
  const counts = new Array<number>(20).fill(0);
  for (let i = 0; i < 2000; i++) for (const k of sampler.forward(matches).negative.dataSync()) counts[k]++;
  t.true(counts.every(count => Math.abs(count - 500) < 100)); // 5 standard deviations
});

test('fewer objects than the share are all taken', t => {
  const {positive, negative} = new BalancedSampler({perImage: 4, positiveFraction: 0.5}).forward(
    tf.tensor1d([-1, 3, -1, -1, -2, -1], 'int32'),
  );
  t.deepEqual([...positive.dataSync()], [1]);
  t.is(negative.size, 3);
});

test('the input has torchvision’s size, and says where each image lies', t => {
  const transform = new GeneralizedRcnnTransform();
  // What torchvision's GeneralizedRCNNTransform makes of them: its float32 loses a pixel here and there.
  t.deepEqual(transform.sizeOf([375, 500]), [799, 1066]);
  t.deepEqual(transform.sizeOf([480, 640]), [800, 1066]);
  t.deepEqual(transform.sizeOf([100, 1000]), [133, 1333]);
  t.deepEqual(transform.sizeOf([427, 640]), [799, 1199]);
  t.deepEqual(transform.sizeOf([333, 500]), [799, 1201]);
  t.throws(() => transform.sizeOf([1, 4000]), {message: /shrink to nothing/});
  const small = new GeneralizedRcnnTransform({minSize: 32, maxSize: 64});
  const {images, placements} = small.toInput([
    picture(16, 20, 0),
    {data: new Uint8Array(16 * 8).fill(7), height: 16, width: 8, channels: 1},
  ]);
  t.deepEqual(images.shape, [2, 64, 64, 3]);
  t.deepEqual(placements[1], {size: [16, 8], scale: [4, 4], offset: [0, 0]});
  const gray = (7 / 255 - 0.485) / 0.229;
  near(t, tf.slice(images, [1, 5, 5, 0], [1, 1, 1, 1]), [gray], 1e-6);
});

test('each pixel of a placed mask is the one that torchvision takes', t => {
  for (const {size, minSize, maxSize, rows, columns} of golden.masks) {
    const [height, width] = size;
    const scaled = new GeneralizedRcnnTransform({minSize, maxSize}).sizeOf(size);
    t.deepEqual(scaled, [rows.length, columns.length]);
    const placement = {size, scale: [scaled[0] / height, scaled[1] / width], offset: [0, 0]} as const;
    for (let bit = 0; bit < 9; bit++) {
      const masks = [(y: number) => y, (_: number, x: number) => x].map(side =>
        rleFromMask(
          Uint8Array.from(
            {length: height * width},
            (_, i) => (side(Math.floor(i / width), i % width) >> bit) & 1,
          ),
          height,
          width,
        ),
      );
      const [byRow, byColumn] = tf
        .unstack(placeMasks(masks, placement, scaled))
        .map(mask => mask.arraySync());
      t.deepEqual(
        (byRow as number[][]).map(row => row[0]),
        rows.map(row => (row >> bit) & 1),
        `${size}`,
      );
      t.deepEqual(
        (byColumn as number[][])[0],
        columns.map(column => (column >> bit) & 1),
        `${size}`,
      );
    }
  }
});

test('names of older files are known', t => {
  t.is(publishedRcnnName('backbone.fpn.inner_blocks.2.bias'), 'backbone.fpn.inner_blocks.2.0.bias');
  t.is(publishedRcnnName('rpn.head.conv.weight'), 'rpn.head.conv.0.0.weight');
  t.is(publishedRcnnName('roi_heads.mask_head.mask_fcn4.weight'), 'roi_heads.mask_head.3.0.weight');
  t.is(publishedRcnnName('rpn.head.conv.0.0.weight'), 'rpn.head.conv.0.0.weight');
});

const tiny = {
  categories: 2,
  minSize: 64,
  maxSize: 64,
  channels: 8,
  representation: 8,
  maskLayers: [8],
  proposals: {afterNms: {training: 100, prediction: 50}},
  rois: {scoreThreshold: 0.1},
  frozenStages: 1,
};
const backbones = {squeezeNet1_1, resNet18, googLeNet};

for (const [name, backbone] of Object.entries(backbones)) {
  for (const form of ['fpn', 'c4'] as const) {
    test.serial(`${name} carries a Mask R-CNN of form ${form}: losses, a gradient, detections`, t => {
      const network = maskRcnn(backbone({numClasses: 10}), {...tiny, form});
      const {images, placements} = network.imageTransform.toInput([picture(64, 64, 0), picture(64, 48, 1)]);
      const targets = [
        {
          boxes: tf.tensor2d([[4, 8, 40, 50]]),
          labels: tf.tensor1d([1], 'int32'),
          masks: tf.ones<tf.Rank.R3>([1, 64, 64]),
        },
        {
          boxes: tf.zeros<tf.Rank.R2>([0, 4]),
          labels: tf.tensor1d([], 'int32'),
          masks: tf.zeros<tf.Rank.R3>([0, 64, 64]),
        },
      ];
      const before = tf.memory().numTensors;
      const losses = network.losses({images, placements, targets, files: []});
      t.is(tf.memory().numTensors - before, 5);
      for (const [key, loss] of Object.entries(losses))
        t.true(Number.isFinite(loss.dataSync()[0]) && loss.dataSync()[0] > 0, key);
      tf.dispose(losses);
      network.eval();
      const found = untaped(() => network.detect(images, placements));
      t.is(found.length, 2);
      for (const {boxes, masks} of found) t.is(masks!.shape[0], boxes.shape[0]);
      tf.dispose(found);
      t.is(tf.memory().numTensors, before);
      network.dispose();
    });
  }
}

test.serial('the classifier of a backbone is freed', t => {
  const before = tf.memory().numTensors;
  const network = fasterRcnn(squeezeNet1_1({numClasses: 10}), tiny);
  t.false(Object.keys(network.stateDict()).some(name => name.includes('classifier')));
  network.dispose();
  t.is(tf.memory().numTensors, before);
});

const good = () => ({boxes: tf.tensor2d([[4, 8, 40, 50]]), labels: tf.tensor1d([1], 'int32')});
const box =
  (...corners: number[]) =>
  () => ({...good(), boxes: tf.tensor2d([corners])});
const bad: Record<string, () => Target> = {
  'has no area': box(40, 8, 40, 50),
  'has a coordinate that is no number': box(4, Number.NaN, 40, 50),
  'lies outside the input of 64 × 64': box(70, 8, 90, 50),
  'label 0 of image 0 .a.png. must be a whole number': () => ({...good(), labels: tf.tensor1d([2], 'int32')}),
  'must have float32 boxes of shape .1, 4.': () => ({...good(), boxes: tf.zeros<tf.Rank.R2>([2, 4])}),
};
for (const [words, target] of Object.entries(bad)) {
  test.serial(`an object is refused: it ${words}`, t => {
    const network = fasterRcnn(squeezeNet1_1({numClasses: 10}), tiny);
    const {images, placements} = network.imageTransform.toInput([picture(64, 64, 0)]);
    t.throws(() => network.losses({images, placements, targets: [target()], files: ['a.png']}), {
      message: new RegExp(words),
    });
    network.dispose();
  });
}

test.serial('masks are asked for where they are learned', t => {
  const network = maskRcnn(squeezeNet1_1({numClasses: 10}), tiny);
  const {images, placements} = network.imageTransform.toInput([picture(64, 64, 0)]);
  t.throws(() => network.losses({images, placements, targets: [good()], files: []}), {
    message: /must have masks of shape \[1, 64, 64\]/,
  });
  network.dispose();
});

test('objects matched in parts match as all at once', t => {
  const [objects, candidates] = [300, 70_000].map((count, seed) =>
    tf.tidy(() => {
      const low = tf.randomUniform([count, 2], 0, 90, 'float32', seed + 1);
      return tf.concat([low, tf.add(low, tf.randomUniform([count, 2], 2, 30, 'float32', seed + 3))], 1);
    }),
  ) as [tf.Tensor2D, tf.Tensor2D];
  const options = {high: 0.7, low: 0.3, keepBest: true};
  const atOnce = matchOverlaps(boxIou(objects, candidates), options);
  t.deepEqual(matchBoxes(objects, candidates, options).dataSync(), atOnce.dataSync());
});

test.serial('20,000 objects in one image are matched in parts, and learned from', t => {
  const network = fasterRcnn(squeezeNet1_1({numClasses: 10}), {...tiny, form: 'c4', anchorSizes: [[32]]});
  const {images, placements} = network.imageTransform.toInput([picture(64, 64, 0)]);
  const count = 20_000;
  const corners = tf.tidy(() => {
    const low = tf.randomUniform([count, 2], 0, 50, 'float32', 1);
    return tf.concat([low, tf.add(low, 10)], 1) as tf.Tensor2D;
  });
  const targets = [{boxes: corners, labels: tf.zeros<tf.Rank.R1>([count], 'int32')}];
  const losses = network.losses({images, placements, targets, files: []});
  for (const loss of Object.values(losses)) t.true(Number.isFinite(loss.dataSync()[0]));
  tf.dispose([losses, corners, images]);
  network.dispose();
});

function near(t: ExecutionContext, actual: tf.Tensor, expected: readonly number[], tolerance = 1e-5): void {
  const values = actual.dataSync<'float32'>();
  t.is(values.length, expected.length);
  const scale = Math.max(...expected.map(Math.abs), 1e-9);
  for (let i = 0; i < expected.length; i++) {
    if (Math.abs(values[i] - expected[i]) <= tolerance * scale) continue;
    t.fail(`value ${i} is ${values[i]}, expected ${expected[i]}`);
    return;
  }
  t.pass();
}

test.serial('images with more boxes than are pooled at once are predicted as each one alone', t => {
  const network = fasterRcnn(squeezeNet1_1(), {...tiny, rois: {scoreThreshold: 0, limit: 50}});
  const maps = [16, 8, 4, 2].map((side, i) =>
    tf.randomUniform<tf.Rank.R4>([2, side, side, 8], -1, 1, 'float32', i),
  );
  const proposals = [200, 310].map((count, seed) => {
    const corners = tf.randomUniform([count, 2], 0, 32, 'float32', seed);
    return tf.concat([corners, tf.add(corners, tf.randomUniform([count, 2], 4, 32, 'float32', seed + 5))], 1);
  }) as tf.Tensor2D[];
  const size = [64, 64] as const;
  const together = network.roi_heads.detect(maps, proposals, [size, size]);
  together.forEach(({boxes, scores, labels}, i) => {
    const own = maps.map(map => tf.slice(map, [i, 0, 0, 0], [1, -1, -1, -1]));
    const [alone] = network.roi_heads.detect(own, [proposals[i]], [size]);
    t.is(alone.labels.size, 50);
    near(t, scores, [...alone.scores.dataSync()], 1e-5);
    near(t, boxes, [...alone.boxes.dataSync()], 1e-3);
    t.deepEqual(labels.dataSync(), alone.labels.dataSync());
  });
  network.dispose();
});
