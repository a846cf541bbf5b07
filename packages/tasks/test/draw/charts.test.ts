import test from 'ava';
import sharp from 'sharp';
import {rgbOf} from '../../src/draw/categoryColor.js';
import {confusionChart} from '../../src/draw/confusionChart.js';
import {palette} from '../../src/draw/palette.js';
import {precisionRecall} from '../../src/draw/precisionRecall.js';

async function countOf(png: Buffer, color: string): Promise<number> {
  const {data} = await sharp(png).removeAlpha().raw().toBuffer({resolveWithObject: true});
  const [r, g, b] = rgbOf(color);
  let found = 0;
  for (let i = 0; i < data.length; i += 3)
    if (data[i] === r && data[i + 1] === g && data[i + 2] === b) found++;
  return found;
}

test('what is right is blue and what is confused orange, and nothing else is', async t => {
  const names = ['a', 'b'];
  const right = await confusionChart({classes: 2, counts: Float64Array.of(5, 0, 0, 7)}, names);
  const wrong = await confusionChart({classes: 2, counts: Float64Array.of(0, 5, 7, 0)}, names);
  // Two cells of 56 × 56, less their numbers.
  t.true((await countOf(right, palette.right)) > 2 * 56 * 56 * 0.8);
  t.is(await countOf(right, palette.wrong), 0);
  t.true((await countOf(wrong, palette.wrong)) > 2 * 56 * 56 * 0.8);
  t.is(await countOf(wrong, palette.right), 0);
});

test('a thousand categories, one, and none that was seen fit into a picture', async t => {
  for (const classes of [1000, 30, 1]) {
    const matrix = {classes, counts: new Float64Array(classes ** 2)};
    matrix.counts[classes - 1] = 3;
    const names = Array.from({length: classes}, (_, i) => `category number ${i} of many <b>`);
    const {width, height} = await sharp(await confusionChart(matrix, names)).metadata();
    t.true(width < 1500 && height < 2000, `${width} × ${height}`);
  }
});

test('a perfect curve runs along the top, and what cannot be found has no line', async t => {
  const perfect = {name: 'a', recall: [0.5, 1], precision: [1, 1], AP: 1};
  const png = precisionRecall([perfect, {name: 'b', recall: [], precision: [], AP: null}]);
  const {data, info} = await sharp(png).removeAlpha().raw().toBuffer({resolveWithObject: true});
  const [x, y] = [70 + 0.75 * 460, 76];
  const at = (Math.round(y) * info.width + Math.round(x)) * 3;
  t.deepEqual([...data.subarray(at, at + 3)], rgbOf(palette.series[0]));
  t.is(await countOf(png, palette.series[1]), 0);
});

test('eighty categories keep their legend within the picture', async t => {
  const curves = Array.from({length: 80}, (_, i) => ({
    ...{name: `category ${i}`, recall: [0, 1], precision: [1, i / 80], AP: i / 80},
  }));
  const {width, height} = await sharp(precisionRecall(curves)).metadata();
  t.true(width < 1000 && height < 900);
});
