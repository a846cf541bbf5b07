import type {Preprocess} from '@foveal/core';
import test from 'ava';
import {applyPreprocess} from '../src/applyPreprocess.js';
import {cropViews} from '../src/cropViews.js';
import type {Image} from '../src/image.js';

/** Each pixel tells its place: red counts columns, green rows. */
function places(width: number, height: number): Image {
  const data = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) data.set([x, y, 7], (y * width + x) * 3);
  return {data, width, height, channels: 3};
}

const plain: Preprocess = {
  inputSize: [4, 6],
  resize: 8,
  color: 'rgb',
  scale: 1,
  mean: [0, 0, 0],
  std: [1, 1, 1],
};

/** The place of the first pixel of each view, and of the last one of its first row. */
const ends = (views: Float32Array, [height, width]: readonly [number, number]) =>
  Array.from({length: views.length / (height * width * 3)}, (_, i) => {
    const at = i * height * width * 3;
    return [views[at], views[at + 1], views[at + (width - 1) * 3]];
  });

test('ten crops are the centre and the corners, then the same mirrored', t => {
  const views = cropViews(places(16, 8), plain, 10);
  const five = [
    [5, 2, 10],
    [0, 0, 5],
    [10, 0, 15],
    [0, 4, 5],
    [10, 4, 15],
  ];
  t.deepEqual(ends(views, plain.inputSize), [
    ...five,
    ...five.map(([first, row, last]) => [last, row, first]),
  ]);
  t.deepEqual(cropViews(places(16, 8), plain, 5), views.slice(0, views.length / 2));
});

test('the first view is what evaluation sees', async t => {
  const image = places(40, 31);
  for (const crops of [1, 2, 5, 10] as const) {
    const views = cropViews(image, plain, crops);
    t.is(views.length, crops * 4 * 6 * 3);
    t.deepEqual(views.slice(0, 4 * 6 * 3), await applyPreprocess(image, plain));
  }
});

test('without a resize the image is stretched to 8/7 of the size, and cut', t => {
  const {resize: _, ...whole} = plain;
  const views = cropViews(places(16, 16), {...whole, inputSize: [14, 14]}, 5);
  t.deepEqual(ends(views, [14, 14]), [
    [1, 1, 14],
    [0, 0, 13],
    [2, 0, 15],
    [0, 2, 13],
    [2, 2, 15],
  ]);
});

test("GoogLeNet's 144 views show all of the image", t => {
  const square = {...plain, inputSize: [7, 7] as [number, number], resize: 8};
  const views = cropViews(places(24, 8), square, 144);
  t.is(views.length, 144 * 7 * 7 * 3);
  const first = ends(views, [7, 7]);
  // At the smallest size: the squares at 0, 8 and 16, each with its centre first.
  t.deepEqual(
    [first[0], first[6], first[12]].map(([x]) => x),
    [0, 8, 16],
  );
  t.deepEqual(new Set(first.slice(0, 18).map(([, row]) => row)), new Set([0, 1]));
});

test('another number of views is refused', t => {
  t.throws(() => cropViews(places(8, 8), plain, 7 as never), {
    message: /there are 1, 2, 5, 10, 144 views of an image; got 7/,
  });
});
