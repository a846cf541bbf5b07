import {readFile} from 'node:fs/promises';
import {Random} from '@foveal/core';
import test from 'ava';
import type {Image} from '../../src/image.js';
import {
  adjustBrightness,
  adjustContrast,
  adjustHue,
  adjustSaturation,
} from '../../src/transforms/adjustColor.js';
import {type AffineParameters, affineAbout, affineMotion} from '../../src/transforms/affine.js';
import {autoContrast} from '../../src/transforms/autoContrast.js';
import {centerCrop} from '../../src/transforms/centerCrop.js';
import type {Fill} from '../../src/transforms/grid.js';
import {shorterTo} from '../../src/transforms/resize.js';
import {fixture} from '../support.js';

interface Golden {
  width: number;
  height: number;
  picture: string;
  smooth: string;
  colours: {name: keyof typeof adjusts; factor: number; data: string}[];
  affine: (AffineParameters & {fill: Fill; matrix: number[]; data: string})[];
  sizes: {from: [number, number]; shorter: number; longer: number | null; to: [number, number]}[];
  crops: {size: [number, number]; data: string}[];
  dim: string;
  contrasts: {cutoff: number; data: string}[];
}

const adjusts = {
  brightness: adjustBrightness,
  contrast: adjustContrast,
  saturation: adjustSaturation,
  hue: adjustHue,
};

const golden = JSON.parse(await readFile(fixture('golden/transforms.json'), 'utf8')) as Golden;
const {width, height} = golden;
const bytes = (data: string) => [...Buffer.from(data, 'base64')];
const image = (data: string): Image => ({width, height, channels: 3, data: Uint8Array.from(bytes(data))});
const picture = image(golden.picture);

const furthest = (got: ArrayLike<number>, expected: number[]) =>
  Math.max(...expected.map((value, i) => Math.abs(value - got[i])));

for (const {name, factor, data} of golden.colours) {
  test(`${name} by ${factor} gives torchvision's bytes`, t => {
    const {data: got} = adjusts[name](picture, factor);
    // torchvision's hue goes through float32, where a value just below a whole number may be cut off.
    if (name === 'hue') t.true(furthest(got, bytes(data)) <= 1);
    else t.deepEqual([...got], bytes(data));
  });
}

for (const {data, matrix, fill, ...parameters} of golden.affine) {
  test(`an affine change by ${parameters.angle}° moves points and pixels as torchvision's`, t => {
    const forward = affineAbout(picture, parameters);
    t.true(furthest(forward, matrix) < 1e-8);
    const {data: got} = affineMotion(forward, width, height, fill).image(image(golden.smooth));
    t.true(furthest(got, bytes(data)) <= 1);
  });
}

for (const {from, shorter, longer, to} of golden.sizes) {
  test(`${from.join(' × ')} resized to ${shorter}, at most ${longer}, is ${to.join(' × ')}`, t => {
    const size = shorterTo({width: from[0], height: from[1]}, shorter, longer ?? undefined);
    t.deepEqual(size, {width: to[0], height: to[1]});
  });
}

for (const {size, data} of golden.crops) {
  test(`the centre of ${size.join(' × ')} is torchvision's`, t => {
    const {image: got} = centerCrop({size})({image: picture, file: 'x'}, new Random(1));
    t.deepEqual([...got.data], bytes(data));
  });
}

for (const {cutoff, data} of golden.contrasts) {
  test(`contrast stretched but for ${cutoff} % of the pixels gives Pillow's bytes`, t => {
    const sample = {image: image(golden.dim), file: 'dim'};
    t.deepEqual([...autoContrast({cutoff})(sample, new Random(1)).image.data], bytes(data));
  });
}

test('contrast leaves a channel of one value, and refuses to lose half of the pixels', t => {
  const flat: Image = {width: 2, height: 1, channels: 1, data: Uint8Array.of(70, 70)};
  t.deepEqual([...autoContrast()({image: flat, file: 'flat'}, new Random(1)).image.data], [70, 70]);
  t.throws(() => autoContrast({cutoff: 50}), {message: /from 0 to below 50, got 50/});
});

test('a grey image is coloured like the channels of a colour image', t => {
  const grey: Image = {width, height, channels: 1, data: picture.data.filter((_, i) => i % 3 === 0)};
  const spread: Image = {
    ...picture,
    data: Uint8Array.from(picture.data, (_, i) => grey.data[Math.floor(i / 3)]),
  };
  const first = ({data}: Image) => data.filter((_, i) => i % 3 === 0);
  t.deepEqual(adjustBrightness(grey, 1.4).data, first(adjustBrightness(spread, 1.4)));
  t.is(adjustSaturation(grey, 0.2), grey);
  t.is(adjustHue(grey, 0.2), grey);
});
