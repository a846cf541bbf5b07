import test from 'ava';
import fc from 'fast-check';
import {jpegFrame} from '../src/jpegFrame.js';

const segment = (marker: number, content: readonly number[]) => [
  0xff,
  marker,
  (content.length + 2) >> 8,
  (content.length + 2) & 255,
  ...content,
];
const frame = (marker: number, bits: number, [height, width]: [number, number], channels: number) =>
  segment(marker, [bits, height >> 8, height & 255, width >> 8, width & 255, channels, 1, 0x11, 0]);
const jpeg = (...segments: number[][]) => Uint8Array.from([0xff, 0xd8, ...segments.flat()]);

test('size and channels stand in the frame header, whatever comes before it', t => {
  const before = [segment(0xe0, [0x4a, 0x46]), segment(0xe1, Array(700).fill(0xc0)), segment(0xc4, [0, 1])];
  for (const marker of [0xc0, 0xc1, 0xc2]) {
    const bytes = jpeg(...before, frame(marker, 8, [480, 640], 3));
    t.deepEqual(jpegFrame(bytes), {width: 640, height: 480, channels: 3});
  }
});

test('what is rare is left to the decoder: 12 bits, lossless, a height that comes later, no frame', t => {
  t.is(jpegFrame(jpeg(frame(0xc1, 12, [480, 640], 3))), undefined);
  t.is(jpegFrame(jpeg(frame(0xc3, 8, [480, 640], 3))), undefined);
  t.is(jpegFrame(jpeg(frame(0xc0, 8, [0, 640], 3))), undefined);
  t.is(jpegFrame(jpeg(segment(0xe0, [1, 2]))), undefined);
});

test('any bytes come to an end', t => {
  fc.assert(
    fc.property(fc.uint8Array({maxLength: 80}), bytes => {
      const found = jpegFrame(Uint8Array.from([0xff, 0xd8, 0xff, ...bytes]));
      t.true(found === undefined || found.width > 0);
    }),
    {seed: 1},
  );
});
