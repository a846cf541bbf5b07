import {Random} from '@foveal/core';
import type {Image} from '@foveal/data';
import test from 'ava';
import sharp from 'sharp';
import {registerOps} from '../../../core/test/support.js';
import {categoryColor, rgbOf} from '../../src/draw/categoryColor.js';
import {embeddingChart} from '../../src/draw/embeddingChart.js';
import {reconstructionGrid} from '../../src/draw/reconstructionGrid.js';

test.before(registerOps);

async function pixels(png: Buffer) {
  const {data, info} = await sharp(png).removeAlpha().raw().toBuffer({resolveWithObject: true});
  const has = (color: readonly number[], tolerance = 12) => {
    for (let i = 0; i < data.length; i += 3)
      if (color.every((value, c) => Math.abs(data[i + c] - value) <= tolerance)) return true;
    return false;
  };
  return {...info, data, has};
}

/** What a colour becomes at an opacity of 0.75 on white. */
const onWhite = (color: number[]) => color.map(value => Math.round(0.75 * value + 0.25 * 255));

test('each category of a chart of codes has a colour of its own; long codes are projected', async t => {
  const random = new Random(1);
  const labels = Array.from({length: 40}, (_, i) => i % 4);
  for (const size of [2, 5]) {
    const codes = labels.map(label =>
      Array.from({length: size}, (_, k) => (k === label ? 5 : 0) + random.normal()),
    );
    const {width, height, has} = await pixels(await embeddingChart(codes, labels, ['a', 'b', 'c', 'd']));
    t.deepEqual([width, height], [1000, 760]);
    for (let i = 0; i < 4; i++) t.true(has(onWhite(rgbOf(categoryColor(i)))), `category ${i}`);
    t.false(has(onWhite(rgbOf(categoryColor(4)))));
  }
});

test('codes without labels are drawn without a legend; what cannot be drawn is told', async t => {
  const codes = [
    [0, 1],
    [1, 0],
    [2, 2],
  ];
  await t.notThrowsAsync(embeddingChart(codes, [-1, -1, -1], []));
  await t.throwsAsync(embeddingChart([[1], [2]], [0, 0], ['a']), {
    message: /two numbers or more, got 2 of 1/,
  });
  await t.throwsAsync(embeddingChart(codes, [0], ['a']), {message: /3 codes need as many labels, got 1/});
});

test('a grid of reconstructions has the pixels of its images, in rows', async t => {
  const flat = (value: number): Image => ({
    data: new Uint8Array(28 * 28).fill(value),
    width: 28,
    height: 28,
    channels: 1,
  });
  const rows = [
    {name: 'input', images: [flat(40), flat(80)]},
    {name: 'reconstruction', images: [flat(120), flat(160)]},
  ];
  const {data, width, height} = await pixels(await reconstructionGrid(rows));
  const at = (x: number, y: number) => data[3 * (y * width + x)];
  const [right, bottom] = [width - 20 - 42, height - 20 - 42];
  t.deepEqual(
    [at(right - 92, bottom - 92), at(right, bottom - 92), at(right - 92, bottom), at(right, bottom)],
    [40, 80, 120, 160],
  );
  await t.throwsAsync(reconstructionGrid([]), {message: /at least one image/});
  await t.throwsAsync(reconstructionGrid([rows[0], {name: 'odd', images: []}]), {
    message: /"odd" has 0 images, "input" 2/,
  });
});
