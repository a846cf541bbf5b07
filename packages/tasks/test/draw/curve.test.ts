import test from 'ava';
import sharp from 'sharp';
import {curve} from '../../src/draw/curve.js';
import {palette} from '../../src/draw/palette.js';

/** The mean height, in pixels from the top, at which a colour is found in a column. */
async function heightsOf(png: Buffer, color: string, columns: number[]): Promise<number[]> {
  const {data, info} = await sharp(png).removeAlpha().raw().toBuffer({resolveWithObject: true});
  return columns.map(x => {
    const ys: number[] = [];
    for (let y = 90; y < info.height; y++) {
      const at = (y * info.width + x) * info.channels;
      if (`#${data.subarray(at, at + 3).toString('hex')}` === color.toLowerCase()) ys.push(y);
    }
    return ys.reduce((sum, y) => sum + y, 0) / ys.length;
  });
}

test('a falling line falls, evenly', async t => {
  const points = [0, 1, 2, 3, 4].map(x => [x, 10 - x] as const);
  const png = await curve({
    title: 'a line',
    xName: 'x',
    panels: [{title: 'y', series: [{name: 'falls', points}]}],
  });
  const [a, b, c] = await heightsOf(png, palette.series[0], [200, 400, 600]);
  t.true(a < b && b < c);
  t.true(Math.abs(b - a - (c - b)) < 2);
});

test('one point, no point and values that are no numbers can be drawn', async t => {
  const panels = [
    [],
    [[1, 0.985]],
    [
      [0, Number.NaN],
      [1, Infinity],
    ],
  ].map(points => ({
    title: 'accuracy',
    percent: true,
    series: [{name: 'validation', points: points as [number, number][], style: 'marked' as const}],
  }));
  const {width, height} = await sharp(await curve({title: '<&>', xName: 'epoch', panels})).metadata();
  t.is(width, 960);
  t.true(height > 900);
});

test('a curve without panels is refused', async t => {
  await t.throwsAsync(curve({title: '', xName: '', panels: []}), {message: /at least one panel/});
});

test('a legend that does not fit beside the title of its panel stands below it, in lines of its own', async t => {
  const drawn = (names: string[]) => {
    const series = names.map(name => ({name, points: [[0, 1] as const, [1, 2] as const]}));
    return curve({title: '', xName: 'x', panels: [{title: 'misread of 1,000 others, in a hundred', series}]});
  };
  const legendTop = async (png: Buffer) => {
    const {data, info} = await sharp(png).removeAlpha().raw().toBuffer({resolveWithObject: true});
    const pixel = Array.from({length: info.width * info.height}, (_, i) => i).find(
      i => `#${data.subarray(3 * i, 3 * i + 3).toString('hex')}` === palette.series[0].toLowerCase(),
    );
    return Math.floor((pixel ?? 0) / info.width);
  };
  const names = [['a', 'b'], Array.from({length: 5}, (_, i) => `a rather long name ${i}`)];
  const [few, many] = await Promise.all(names.map(drawn));
  t.true((await legendTop(few)) < 78);
  t.true((await legendTop(many)) > 80);
  t.is(((await sharp(many).metadata()).height ?? 0) - ((await sharp(few).metadata()).height ?? 0), 44);
});
