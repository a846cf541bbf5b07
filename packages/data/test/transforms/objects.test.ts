import {Random, rleArea, rleFromMask, rleToBox, rleToMask} from '@foveal/core';
import test from 'ava';
import fc from 'fast-check';
import {checkSample} from '../../src/checkSample.js';
import {ignoredClass, type Sample, type Transform} from '../../src/sample.js';
import {boxesFromMasks} from '../../src/transforms/boxesFromMasks.js';
import {centerCrop} from '../../src/transforms/centerCrop.js';
import {colorJitter} from '../../src/transforms/colorJitter.js';
import {compose} from '../../src/transforms/compose.js';
import {mosaic} from '../../src/transforms/mosaic.js';
import {pad} from '../../src/transforms/pad.js';
import {randomAffine} from '../../src/transforms/randomAffine.js';
import {randomCrop} from '../../src/transforms/randomCrop.js';
import {randomErasing} from '../../src/transforms/randomErasing.js';
import {randomFlip} from '../../src/transforms/randomFlip.js';
import {randomResizedCrop} from '../../src/transforms/randomResizedCrop.js';
import {resize} from '../../src/transforms/resize.js';
import {makeImage} from '../support.js';

type Rectangle = readonly [x1: number, y1: number, x2: number, y2: number];

/** Filled rectangles in image, masks and class map; rectangle k has label k, is a crowd if k = 1, difficult if k = 2. */
function drawn(width: number, height: number, rectangles: readonly Rectangle[]): Sample {
  const classMap = new Uint8Array(width * height);
  const masks = rectangles.map(([x1, y1, x2, y2], k) => {
    const mask = new Uint8Array(width * height);
    for (let y = y1; y < y2; y++) mask.fill(1, y * width + x1, y * width + x2);
    mask.forEach((value, i) => {
      if (value) classMap[i] = k + 1;
    });
    return rleFromMask(mask, height, width);
  });
  return {
    image: makeImage(width, height, 3, (x, y) => classMap[y * width + x] * 50),
    boxes: Float32Array.from(rectangles.flat()),
    labels: Int32Array.from(rectangles.keys()),
    crowd: Uint8Array.from(rectangles.keys(), k => Number(k === 1)),
    difficult: Uint8Array.from(rectangles.keys(), k => Number(k === 2)),
    masks,
    classMap,
    file: 'x',
  };
}

const rectangleIn = (width: number, height: number, least: number): fc.Arbitrary<Rectangle> =>
  fc
    .tuple(
      fc.integer({min: 0, max: width - least}),
      fc.integer({min: 0, max: height - least}),
      fc.nat(width),
      fc.nat(height),
    )
    .map(([x, y, w, h]) => [x, y, Math.min(width, x + least + w), Math.min(height, y + least + h)] as const);

const least = 6;
const samples = fc
  .tuple(fc.integer({min: 20, max: 60}), fc.integer({min: 20, max: 60}))
  .chain(([width, height]) =>
    fc
      .array(rectangleIn(width, height, least), {maxLength: 3})
      .map(rectangles => drawn(width, height, rectangles)),
  );

const seeds = fc.integer({min: 0, max: 2 ** 31});

const fourTimes: Transform = (sample, random) =>
  mosaic({size: [50, 70]})([sample, sample, sample, sample], random);

/** Each of them, with how far the box of a moved rectangle's mask may lie inside its moved box, in pixels. */
const transforms: Record<string, [Transform, number]> = {
  'a horizontal flip': [randomFlip({probability: 1}), 0],
  'a vertical flip': [randomFlip({probability: 1, direction: 'vertical'}), 0],
  padding: [pad({padding: [1, 2, 3, 4]}), 0],
  'a centre crop': [centerCrop({size: [18, 17]}), 0],
  'a random crop': [randomCrop({size: [21, 15], padding: 3}), 0],
  'a random crop of the own size': [randomCrop(), 0],
  'a random crop larger than the image': [randomCrop({size: 70}), 0],
  'a resize to an exact size': [resize({size: [37, 23]}), 1],
  'a resize of the shorter side': [resize({shorter: [16, 33], longer: 50}), 1],
  'a random resized crop': [randomResizedCrop({size: [24, 30], scale: [0.3, 1]}), 1],
  'a mosaic': [fourTimes, 1],
  'a shift and a zoom': [randomAffine({translate: [0.2, 0.2], scale: [0.7, 1.4]}), 1],
};

for (const [title, [transform, tolerance]] of Object.entries(transforms)) {
  test(`${title} moves boxes, masks and labels together`, t => {
    fc.assert(
      fc.property(samples, seeds, (sample, seed) => {
        const moved = transform(sample, new Random(seed));
        checkSample(moved, 4);
        moved.masks!.forEach((mask, k) => {
          const [x, y, width, height] = rleToBox(mask);
          [x, y, x + width, y + height].forEach((side, i) => {
            const off = Math.abs(side - moved.boxes![4 * k + i]);
            if (off > tolerance + 1e-3) throw new Error(`object ${k}, side ${i}: ${side} is off by ${off}`);
          });
          // Masks and class map show the same pixels, less those that a later rectangle covers.
          const label = moved.labels![k];
          rleToMask(mask).forEach((value, i) => {
            const shown = moved.classMap![i];
            if (value ? shown < label + 1 || shown > 3 : shown === label + 1 && title !== 'a mosaic') {
              throw new Error(`object ${k}: class ${shown} at a pixel of mask ${value}`);
            }
          });
          if (moved.crowd![k] !== Number(label === 1) || moved.difficult![k] !== Number(label === 2)) {
            throw new Error('crowd or difficult went to another object');
          }
        });
      }),
      {numRuns: 60, seed: 5},
    );
    t.pass();
  });
}

test('where pixels are moved and not mixed, the image shows the class map', t => {
  for (const title of ['a horizontal flip', 'a vertical flip', 'a centre crop', 'a random crop', 'padding']) {
    const sample = drawn(40, 30, [[3, 4, 36, 26]]);
    const {image, classMap} = transforms[title][0](sample, new Random(7));
    const ignored = ignoredClass(classMap!);
    t.true(classMap!.some(value => value === 1));
    t.true(
      classMap!.every((value, i) => image.data[3 * i] === (value === ignored ? 0 : value * 50)),
      title,
    );
  }
});

test('a turned rectangle stays in its box, which a box around its mask makes tight', t => {
  const turn = randomAffine({degrees: [-180, 180], shear: 20});
  fc.assert(
    fc.property(samples, seeds, (sample, seed) => {
      const moved = turn(sample, new Random(seed));
      checkSample(moved, 4);
      const tight = boxesFromMasks(moved, new Random(0)).boxes!;
      moved.boxes!.forEach((side, i) => {
        const inside = i % 4 < 2 ? tight[i] - side : side - tight[i];
        if (inside < -1) throw new Error(`side ${i}: the mask reaches ${-inside} past ${side}`);
      });
    }),
    {numRuns: 60, seed: 5},
  );
  // Nothing is cut off, so the corners of the rectangle touch the sides of its box.
  const sample = drawn(100, 100, [[40, 35, 65, 60]]);
  for (let seed = 0; seed < 20; seed++) {
    const moved = turn(sample, new Random(seed));
    const tight = boxesFromMasks(moved, new Random(0)).boxes!;
    moved.boxes!.forEach((side, i) => {
      t.true(Math.abs(side - tight[i]) <= 1.5, `seed ${seed}: ${side} and ${tight[i]}`);
    });
  }
});

test('a turn by 90° moves each pixel to its place, in image, masks and class map', t => {
  const sample = drawn(20, 20, [
    [2, 3, 12, 8],
    [10, 10, 16, 20],
  ]);
  const moved = randomAffine({degrees: [90, 90]})(sample, new Random(1));
  t.deepEqual(
    [...moved.boxes!].map(value => Math.round(value * 1e4) / 1e4),
    [12, 2, 17, 12, 0, 10, 10, 16],
  );
  for (let y = 0; y < 20; y++) {
    for (let x = 0; x < 20; x++) {
      const [from, to] = [y * 20 + x, x * 20 + (19 - y)];
      t.is(moved.classMap![to], sample.classMap![from]);
      t.is(moved.image.data[3 * to], sample.image.data[3 * from]);
    }
  }
  t.deepEqual(moved.masks!.map(rleToBox), [
    [12, 2, 5, 10],
    [0, 10, 10, 6],
  ]);
});

test('two flips are none, in every field', t => {
  for (const direction of ['horizontal', 'vertical'] as const) {
    const flip = randomFlip({probability: 1, direction});
    fc.assert(
      fc.property(samples, sample => {
        const random = new Random(1);
        t.deepEqual(flip(flip(sample, random), random), sample);
      }),
      {numRuns: 20, seed: 5},
    );
  }
});

test('an object stays if enough of its box does, and goes from every list together', t => {
  const sample = drawn(30, 20, [
    [0, 0, 10, 10], // 2 of its 10 columns stay
    [0, 10, 9, 20], // 1 of 9
    [20, 5, 28, 15], // all
    [0, 0, 6, 6], // none
  ]);
  const crop = (minVisible?: number) =>
    compose(
      pad({padding: [0, 0, 8, 0]}),
      centerCrop({size: [20, 22], ...(minVisible !== undefined && {minVisible})}),
    )(sample, new Random(1));
  t.deepEqual([...crop(0.12).labels!], [0, 2]);
  t.deepEqual([...crop(0.21).labels!], [2]);
  t.deepEqual([...crop().labels!], [0, 1, 2]);
  t.deepEqual([...crop(0).labels!], [0, 1, 2]);
  const {boxes, crowd, difficult, masks} = crop(0.12);
  t.deepEqual([...boxes!], [0, 0, 2, 10, 12, 5, 20, 15]);
  t.deepEqual(
    [[...crowd!], [...difficult!]],
    [
      [0, 0],
      [0, 1],
    ],
  );
  t.deepEqual(masks!.map(rleArea), [20, 80]);
});

test('an object whose mask is cut off goes, although its box still shows', t => {
  const sample = drawn(20, 20, [[0, 0, 20, 20]]);
  const left = new Uint8Array(400).map((_, i) => Number(i % 20 < 4));
  const loose = {...sample, masks: [rleFromMask(left, 20, 20)]};
  t.is(centerCrop({size: 10})(loose, new Random(1)).boxes!.length, 0);
  t.is(centerCrop({size: 14})(loose, new Random(1)).boxes!.length, 4);
});

test('images without objects, or with a label alone, pass through every transform', t => {
  const all = {
    ...transforms,
    erasing: [randomErasing({probability: 1})],
    jitter: [colorJitter({brightness: 0.5, contrast: 0.5, saturation: 0.5, hue: 0.2})],
    turn: [randomAffine({degrees: 30})],
    tight: [boxesFromMasks],
  } as Record<string, [Transform]>;
  for (const [title, [transform]] of Object.entries(all)) {
    const plain = transform({image: makeImage(32, 24, 3), label: 2, file: 'x'}, new Random(1));
    const label = title === 'a mosaic' ? [] : ['label'];
    t.deepEqual(Object.keys(plain).sort(), ['file', 'image', ...label], title);
    const empty = transform(drawn(32, 24, []), new Random(1));
    t.deepEqual([empty.boxes!.length, empty.labels!.length, empty.masks!.length], [0, 0, 0], title);
    t.is(empty.classMap!.length, empty.image.width * empty.image.height, title);
  }
});

test('a sample is left as it was, and a seed decides all', t => {
  const sample = drawn(32, 24, [[3, 3, 15, 17]]);
  const before = structuredClone(sample);
  for (const [title, [transform]] of Object.entries(transforms)) {
    t.deepEqual(transform(sample, new Random(4)), transform(sample, new Random(4)), title);
    t.deepEqual(sample, before, title);
  }
});

test('a class map of 16 bits stays one', t => {
  const sample: Sample = {image: makeImage(20, 20, 1), classMap: new Uint16Array(400).fill(300), file: 'x'};
  for (const transform of [pad({padding: 2}), randomAffine({translate: [0.5, 0.5]}), fourTimes]) {
    const {classMap} = transform(sample, new Random(2));
    t.true(classMap instanceof Uint16Array);
    t.deepEqual([...new Set(classMap)].sort(), [300, 65_535]);
  }
});

test('a mosaic of grey and coloured images is coloured; four grey ones stay grey', t => {
  const grey: Sample = {image: makeImage(10, 10, 1, () => 90), file: 'g'};
  const red: Sample = {image: makeImage(10, 10, 3, (_x, _y, c) => (c === 0 ? 200 : 0)), file: 'r'};
  const join = mosaic({size: 20});
  const {image, file} = join([grey, red, red, grey], new Random(1));
  t.is(file, 'g + r + r + g');
  const at = (x: number, y: number) => [...image.data.subarray((y * 20 + x) * 3, (y * 20 + x) * 3 + 3)];
  const colours = new Set(Array.from({length: 400}, (_, i) => at(i % 20, Math.floor(i / 20)).join()));
  t.deepEqual([...colours].sort(), ['114,114,114', '200,0,0', '90,90,90']);
  t.is(join([grey, grey, grey, grey], new Random(1)).image.channels, 1);
});
