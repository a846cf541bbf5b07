import test from 'ava';
import sharp from 'sharp';
import {type Cell, contactSheet} from '../../src/draw/contactSheet.js';
import {palette} from '../../src/draw/palette.js';
import {shorten} from '../../src/draw/shorten.js';

const flat = (width: number, height: number, channels: 1 | 3 = 3) => ({
  data: new Uint8Array(width * height * channels).fill(255),
  width,
  height,
  channels,
});

async function colorsOf(png: Buffer): Promise<Set<string>> {
  const {data, info} = await sharp(png).removeAlpha().raw().toBuffer({resolveWithObject: true});
  const colors = new Set<string>();
  for (let i = 0; i < data.length; i += info.channels)
    colors.add(`#${data.subarray(i, i + 3).toString('hex')}`);
  return colors;
}

const has = (colors: Set<string>, color: string) => colors.has(color.toLowerCase());

test('what is right is blue, what is wrong is orange, and without a truth neither is drawn', async t => {
  const cell: Cell = {image: flat(8, 8), label: 'cat', score: 0.5};
  const right = await colorsOf(await contactSheet([{...cell, truth: 'cat'}], {title: 'x'}));
  const wrong = await colorsOf(
    await contactSheet([
      {...cell, truth: 'cat'},
      {...cell, truth: 'dog'},
    ]),
  );
  const unknown = await colorsOf(await contactSheet([cell]));
  t.true(has(right, palette.right));
  t.true(has(wrong, palette.right) && has(wrong, palette.wrong));
  t.false(has(unknown, palette.right) || has(unknown, palette.wrong));
});

test('images of any size and names with markup fit into the grid', async t => {
  const cells: Cell[] = [flat(1, 1), flat(4000, 1), flat(1, 500, 1), flat(640, 480)].map((image, i) => ({
    image,
    label: ['<b> & "quotes"', 'a very long name that cannot fit into one cell of the sheet', 'x\u0000y', ''][
      i
    ],
    score: i / 3,
    note: 'some/where/image.png',
  }));
  const {width, height} = await sharp(await contactSheet(cells, {columns: 2, cellSize: 300})).metadata();
  t.is(width, 2 * 20 + 2 * 300 + 14);
  t.true(height > 600);
});

test('a sheet without images is refused', async t => {
  await t.throwsAsync(contactSheet([]), {message: /at least one image/});
});

test('text that does not fit loses its middle', t => {
  t.is(shorten('cat', 10), 'cat');
  const short = shorten('IMG_2031_left_camera.jpeg', 8);
  t.regex(short, /^IMG.*….*jpeg$/);
  t.true(short.length < 16);
  t.is(shorten('wide', 0), '…');
});
