import {execFileSync} from 'node:child_process';
import {readFile, symlink, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {crc32, deflateSync} from 'node:zlib';
import test, {type ExecutionContext} from 'ava';
import fc from 'fast-check';
import sharp from 'sharp';
import {decodeImage} from '../src/decodeImage.js';
import {ImageDecodeError} from '../src/imageDecodeError.js';
import {encode, fixture, temporaryFolder} from './support.js';

const golden = JSON.parse(await readFile(fixture('golden/images.json'), 'utf8')) as Record<
  string,
  {shape: number[]; data: string}
>;

for (const [name, expected] of Object.entries(golden)) {
  test(`${name} is decoded as Pillow does`, async t => {
    const {data, width, height, channels} = await decodeImage(fixture(`images/${name}`));
    t.deepEqual([height, width, channels], expected.shape);
    // One step: JPEG decoders may differ by it.
    t.true(Buffer.from(expected.data, 'base64').every((value, i) => Math.abs(value - data[i]) <= 1));
  });
}

/** A PNG with this header around some compressed bytes. */
function png(width: number, height: number, data: Uint8Array = new Uint8Array(100)): Buffer {
  const chunk = (type: string, content: Uint8Array) => {
    const body = Buffer.concat([Buffer.from(type), content]);
    const ends = Buffer.alloc(8);
    ends.writeUInt32BE(content.length, 0);
    ends.writeUInt32BE(crc32(body), 4);
    return Buffer.concat([ends.subarray(0, 4), body, ends.subarray(4)]);
  };
  const header = Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, 8, 2, 0, 0, 0]);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  const magic = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');
  return Buffer.concat([
    magic,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(data)),
    chunk('IEND', new Uint8Array()),
  ]);
}

async function refuses(t: ExecutionContext, name: string, bytes: Uint8Array, message: RegExp): Promise<void> {
  const path = join(await temporaryFolder(t), name);
  await writeFile(path, bytes);
  const error = await t.throwsAsync(decodeImage(path), {instanceOf: ImageDecodeError, message});
  t.is(error?.file, path);
  t.true(error?.message.startsWith(`${path}: `));
}

const text = (value: string) => Buffer.from(value, 'latin1');
const faults: [string, string, Uint8Array | (() => Promise<Uint8Array>), RegExp][] = [
  ['an empty file', 'empty.jpg', text(''), /the file is empty/],
  [
    'a JPEG cut short',
    'cut.jpg',
    async () => (await encode('jpeg')).subarray(0, 900),
    /damaged or truncated JPEG/,
  ],
  [
    'a PNG cut short',
    'cut.png',
    async () => (await encode('png')).subarray(0, 900),
    /damaged or truncated PNG/,
  ],
  [
    'a PNG with a wrong checksum',
    'crc.png',
    async () => (await encode('png')).map((byte, i) => (i === 700 ? byte ^ 255 : byte)),
    /damaged or truncated PNG/,
  ],
  ['a PNG that is all header', 'header.png', png(64, 64), /damaged or truncated PNG/],
  [
    'a JPEG that is all header',
    'header.jpg',
    text('\xff\xd8\xff\xe0\x00\x10JFIF\0'),
    /damaged or truncated JPEG/,
  ],
  [
    'a PNG of 50,000 × 50,000',
    'bomb.png',
    png(50_000, 50_000),
    /50000 × 50000 pixels are more than the 268402689 allowed/,
  ],
  ['a PNG of no pixels', 'none.png', png(0, 5), /damaged or truncated PNG/],
  [
    'a web page',
    'page.jpg',
    text('\n<!DOCTYPE html><title>404</title>'),
    /a web page, not an image: its download failed/,
  ],
  ['a program', 'program.png', text('\x7fELF\x02\x01'), /a program, not an image/],
  [
    'an SVG',
    'drawing.png',
    text('<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/></svg>'),
    /an SVG or XML text, which is not drawn/,
  ],
  ['an SVG behind an XML header', 'drawing.svg', text('<?xml version="1.0"?><svg/>'), /which is not drawn/],
  [
    'a HEIC image',
    'photo.jpg',
    text('\0\0\0\x18ftypheic\0\0\0\0'),
    /a HEIC image, which is not decoded here/,
  ],
  ['a BMP image', 'old.bmp', text('BM6\0\0\0'), /a BMP image/],
  ['a TIFF that is all header', 'header.tif', text('II*\0\x08\0\0\0'), /damaged or truncated TIFF/],
  ['a WebP that is all header', 'header.webp', text('RIFF\x20\0\0\0WEBPVP8 '), /damaged or truncated WEBP/],
  ['a GIF that is all header', 'header.gif', text('GIF89a\x01\0\x01\0'), /damaged or truncated GIF/],
  ['other bytes', 'noise.jpg', text('\x01\x02\x03\x04'), /no image: it begins with 01020304/],
];

for (const [title, name, bytes, message] of faults) {
  test(`${title} is refused, naming the file`, async t => {
    await refuses(t, name, typeof bytes === 'function' ? await bytes() : bytes, message);
  });
}

test('what is no file is refused by name: a folder, a pipe, a loop of links, nothing', async t => {
  const folder = await temporaryFolder(t);
  execFileSync('mkfifo', [join(folder, 'pipe.jpg')]);
  await symlink(join(folder, 'loop.jpg'), join(folder, 'loop.jpg'));
  const expect = (name: string, message: RegExp) =>
    t.throwsAsync(decodeImage(join(folder, name)), {instanceOf: ImageDecodeError, message});
  await expect('', /got a folder/);
  await expect('pipe.jpg', /got a pipe or device/);
  await expect('loop.jpg', /a loop of symbolic links/);
  await expect('nothing.jpg', /no such file/);
  await expect('n'.repeat(4000), /the path is too long/);
});

test('names with spaces and letters of any language are read', async t => {
  const path = join(await temporaryFolder(t), 'Käse mit 写真 è.jpg');
  await writeFile(path, await encode('jpeg'));
  t.is((await decodeImage(path)).width, 64);
});

test('bytes are decoded like files, and called bytes in errors', async t => {
  t.is((await decodeImage(await encode('png'))).height, 48);
  await t.throwsAsync(decodeImage(new Uint8Array()), {
    instanceOf: ImageDecodeError,
    message: /^bytes: the file is empty/,
  });
});

test('maxPixels is what the caller allows', async t => {
  const bytes = await encode('png', 64, 48);
  await t.throwsAsync(decodeImage(bytes, {maxPixels: 64 * 48 - 1}), {
    message: /64 × 48 pixels are more than the 3071 allowed/,
  });
  t.is((await decodeImage(bytes, {maxPixels: 64 * 48})).width, 64);
});

const inColour = (values: number[]) => Buffer.from(values.flatMap(value => [value, value, value]));

// Orientation as EXIF defines it: which corner of the stored image is shown at the top left, and along which side.
const shown: Record<number, (x: number, y: number) => [number, number]> = {
  1: (x, y) => [x, y],
  2: (x, y) => [2 - x, y],
  3: (x, y) => [2 - x, 1 - y],
  4: (x, y) => [x, 1 - y],
  5: (x, y) => [y, x],
  6: (x, y) => [y, 1 - x],
  7: (x, y) => [2 - y, 1 - x],
  8: (x, y) => [2 - y, x],
};

for (const [orientation, source] of Object.entries(shown)) {
  test(`EXIF orientation ${orientation} is ignored unless it is to be applied`, async t => {
    // 3 × 2 pixels; each value says where it was stored.
    const stored = [0, 10, 20, 100, 110, 120];
    const file = await sharp(inColour(stored), {raw: {width: 3, height: 2, channels: 3}})
      .withMetadata({orientation: Number(orientation)})
      .png()
      .toBuffer();
    t.deepEqual((await decodeImage(file)).data, inColour(stored));

    const turned = await decodeImage(file, {orientation: 'apply'});
    t.deepEqual([turned.width, turned.height], Number(orientation) < 5 ? [3, 2] : [2, 3]);
    const expected = Array.from({length: 6}, (_, i) => {
      const [x, y] = source(i % turned.width, Math.floor(i / turned.width));
      return stored[y * 3 + x];
    });
    t.deepEqual(turned.data, inColour(expected));
  });
}

test('EXIF data that is no EXIF data does no harm', async t => {
  const jpeg = await encode('jpeg');
  const marker = Buffer.from('\xff\xe1\x00\x10Exif\0\0MM\0\x2a\xff\xff\xff\xff', 'latin1');
  const spoiled = Buffer.concat([jpeg.subarray(0, 2), marker, jpeg.subarray(2)]);
  t.deepEqual((await decodeImage(spoiled, {orientation: 'apply'})).data, (await decodeImage(jpeg)).data);
});

for (const format of ['jpeg', 'png'] as const) {
  test(`a ${format} that is mutated anywhere is decoded or refused, never worse`, async t => {
    const good = await encode(format, 16, 16);
    const edit = fc.record({at: fc.nat(good.length - 1), value: fc.nat(255)});
    let decoded = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(edit, {minLength: 1, maxLength: 3}), fc.boolean(), async (edits, cut) => {
        let mutated = Buffer.from(good);
        for (const {at, value} of edits) mutated[at] = value;
        if (cut) mutated = mutated.subarray(0, edits[0].at);
        await decodeImage(mutated, {maxPixels: 1e6}).then(
          ({data, width, height, channels}) => {
            decoded++;
            if (data.length !== width * height * channels) throw new Error('data does not fit its shape');
          },
          error => {
            if (!(error instanceof ImageDecodeError)) throw error;
          },
        );
      }),
      {seed: 3, numRuns: 200},
    );
    t.true(decoded < 190);
  });
}
