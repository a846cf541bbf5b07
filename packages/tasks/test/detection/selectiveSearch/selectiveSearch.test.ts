import {Random} from '@foveal/core';
import test from 'ava';
import {bestOverlaps} from '../../../src/detection/bestOverlaps.js';
import {toColorSpace} from '../../../src/detection/selectiveSearch/colorSpaces.js';
import {graphSegmentation} from '../../../src/detection/selectiveSearch/graphSegmentation.js';
import {groupRegions} from '../../../src/detection/selectiveSearch/grouping.js';
import {describeRegions, pixelBins} from '../../../src/detection/selectiveSearch/regions.js';
import {selectiveSearch} from '../../../src/detection/selectiveSearch/selectiveSearch.js';
import {similarity} from '../../../src/detection/selectiveSearch/similarities.js';
import {flatImage, paint, shapeScene} from '../../support/shapeScenes.js';

/** Left half black, right half white. */
function halves(width = 40, height = 20) {
  const image = flatImage(width, height, [0, 0, 0]);
  paint(image, [width / 2, 0, width, height], [255, 255, 255]);
  return image;
}

const rows = (boxes: Float32Array) =>
  Array.from({length: boxes.length / 4}, (_, i) => [...boxes.subarray(4 * i, 4 * i + 4)]);

test('two flat halves are two regions with their boxes and sizes', t => {
  const planes = toColorSpace(halves(), 'rgb');
  const segmentation = graphSegmentation(planes, {k: 100, sigma: 0});
  t.is(segmentation.count, 2);
  const regions = describeRegions(segmentation, planes, pixelBins(planes));
  t.deepEqual(rows(regions.boxes).slice(0, 2), [
    [0, 0, 20, 20],
    [20, 0, 40, 20],
  ]);
  t.deepEqual([...regions.sizes.subarray(0, 2)], [400, 400]);
  t.deepEqual(regions.neighbours, [[0, 1]]);
});

test('regions join where the difference is below k / size, as the paper has it', t => {
  // Two pixels, 10 apart: they join if 10 <= k / 1.
  const image = flatImage(2, 1, [0, 0, 0]);
  paint(image, [1, 0, 2, 1], [10, 0, 0]);
  const planes = toColorSpace(image, 'rgb');
  t.is(graphSegmentation(planes, {k: 10, sigma: 0, minSize: 0}).count, 1);
  t.is(graphSegmentation(planes, {k: 9.9, sigma: 0, minSize: 0}).count, 2);
  t.is(graphSegmentation(planes, {k: 9.9, sigma: 0, minSize: 2}).count, 1);
});

test('a joined region of n pixels takes a neighbour in only up to its inner difference plus k / n', t => {
  // 0, 0, 0 join first, their limit is then 30 / 3 = 10: 11 stays out, 9 comes in.
  for (const [step, count] of [
    [9, 1],
    [11, 2],
  ]) {
    const image = flatImage(4, 1, [0, 0, 0]);
    paint(image, [3, 0, 4, 1], [step, 0, 0]);
    t.is(graphSegmentation(toColorSpace(image, 'rgb'), {k: 30, sigma: 0, minSize: 0}).count, count);
  }
});

test('likeness in closed form: shared colour, shared texture, size and fill', t => {
  const planes = toColorSpace(halves(), 'rgb');
  const regions = describeRegions(graphSegmentation(planes, {sigma: 0}), planes, pixelBins(planes));
  const of = (...cues: ('color' | 'texture' | 'size' | 'fill')[]) =>
    similarity(regions, 0, 1, new Set(cues), 800);
  t.is(of('color'), 0); // black and white share no bin
  t.is(of('size'), 0); // together they are the image
  t.is(of('fill'), 1); // and fill the box around both
  // Of the eight directions, those that rise to the right have the edge's slopes in both halves, four columns each.
  t.true(of('texture') > 0.9 && of('texture') <= 1 + 1e-6);
  t.true(Math.abs(of('color', 'texture', 'size', 'fill') - of('texture') - 1) < 1e-6);
});

test('a union has the size, box and histogram that its pixels have', t => {
  const image = shapeScene(new Random(3), 60, 3).image;
  const planes = toColorSpace(image, 'hsv');
  const regions = describeRegions(graphSegmentation(planes, {k: 50}), planes, pixelBins(planes));
  const count = groupRegions(regions, new Set(['color', 'texture', 'size', 'fill']), 3600);
  t.is(count, 2 * regions.count - 1);
  const last = count - 1;
  t.is(regions.sizes[last], 3600);
  t.deepEqual(rows(regions.boxes)[last], [0, 0, 60, 60]);
  const whole = describeRegions({labels: new Int32Array(3600), count: 1}, planes, pixelBins(planes));
  const {length} = regions.bins;
  for (let bin = 0; bin < length; bin++) {
    t.true(Math.abs(regions.histograms[last * length + bin] - whole.histograms[bin]) < 1e-4);
  }
});

test('the most alike neighbours join first', t => {
  // Bright, dark, a little lighter and in the same bins: the last two join first, then all.
  const image = flatImage(30, 20, [240, 240, 240]);
  paint(image, [10, 0, 20, 20], [21, 21, 21]);
  paint(image, [20, 0, 30, 20], [25, 25, 25]);
  const planes = toColorSpace(image, 'rgb');
  const labels = Int32Array.from({length: 600}, (_, i) => Math.floor((i % 30) / 10));
  const regions = describeRegions({labels, count: 3}, planes, pixelBins(planes));
  t.is(groupRegions(regions, new Set(['color']), 600), 5);
  t.deepEqual(rows(regions.boxes).slice(3), [
    [10, 0, 30, 20],
    [0, 0, 30, 20],
  ]);
});

test('every object of generated scenes is proposed', t => {
  const random = new Random(1);
  let [found, objects, sum] = [0, 0, 0];
  for (let scene = 0; scene < 6; scene++) {
    const {image, boxes = new Float32Array()} = shapeScene(random, 120, 4);
    const {overlaps} = bestOverlaps(boxes, selectiveSearch(image));
    found += overlaps.filter(overlap => overlap >= 0.5).length;
    objects += overlaps.length;
    sum += overlaps.reduce((a, b) => a + b, 0);
  }
  t.is(found, objects);
  t.true(sum / objects > 0.9, `mean best overlap ${sum / objects}`);
});

test('the same image and seed give the same boxes; no box comes twice; another seed gives another order', t => {
  const {image} = shapeScene(new Random(2), 100, 4);
  const boxes = selectiveSearch(image);
  t.deepEqual(selectiveSearch(image), boxes);
  const keys = rows(boxes).map(String);
  t.is(new Set(keys).size, keys.length);
  const other = rows(selectiveSearch(image, {seed: 1})).map(String);
  t.notDeepEqual(other, keys);
  t.deepEqual([...other].sort(), [...keys].sort());
  t.deepEqual(selectiveSearch(image, {limit: 5}), boxes.slice(0, 20));
});

test('boxes of a large image are in its own pixels', t => {
  const image = flatImage(800, 400, [30, 30, 30]);
  paint(image, [200, 100, 440, 300], [230, 200, 40]);
  const {overlaps} = bestOverlaps(
    Float32Array.of(200, 100, 440, 300),
    selectiveSearch(image, {longerSide: 200}),
  );
  t.true(overlaps[0] > 0.9);
});

test('images of one pixel, one colour, or grey do no harm; one without pixels is refused', t => {
  t.is(selectiveSearch(flatImage(1, 1, [1, 2, 3])).length, 0);
  t.deepEqual([...selectiveSearch(flatImage(32, 16, [9, 9, 9]))], [0, 0, 32, 16]);
  const gray = {data: new Uint8Array(400).fill(7), width: 20, height: 20, channels: 1 as const};
  t.deepEqual([...selectiveSearch(gray)], [0, 0, 20, 20]);
  t.throws(() => selectiveSearch({data: new Uint8Array(), width: 0, height: 0, channels: 3}), {
    message: /expected an image with pixels, got 0 × 0/,
  });
});

test('quality searches more ways than fast', t => {
  const {image} = shapeScene(new Random(5), 64, 3);
  t.true(selectiveSearch(image, {mode: 'quality'}).length > selectiveSearch(image).length);
});
