import {execFile} from 'node:child_process';
import {writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {setTimeout} from 'node:timers/promises';
import {fileURLToPath} from 'node:url';
import {promisify} from 'node:util';
import type {Preprocess} from '@foveal/core';
import test from 'ava';
import sharp from 'sharp';
import {decodeImage} from '../../src/decodeImage.js';
import {fitImage} from '../../src/fitImage.js';
import {ImageDecodeError} from '../../src/imageDecodeError.js';
import {decodeAhead} from '../../src/threads/decodeAhead.js';
import {DecodeThreads} from '../../src/threads/decodeThreads.js';
import {encode, fixture, temporaryFolder} from '../support.js';

const fit: Preprocess = {inputSize: [8, 8], resize: 10, color: 'rgb', scale: 1, mean: [], std: []};
const plain = ({data, ...rest}: Awaited<ReturnType<typeof decodeImage>>) => ({...rest, data: [...data]});

for (const threads of [0, 2]) {
  const where = threads === 0 ? 'here' : 'in threads';

  test(`images decoded ${where} are those of decodeImage, and in the size of the model if asked`, async t => {
    const ahead = decodeAhead(threads);
    for (const name of ['rgb.jpg', 'grey.jpg', 'palette.png', 'cmyk.jpg']) {
      const file = fixture(`images/${name}`);
      const whole = await decodeImage(file);
      const fitted = fitImage(whole, fit);
      t.deepEqual(plain((await ahead.run({file})).image), plain(whole));
      t.deepEqual(plain((await ahead.run({file, fit, keep: false})).image), plain(fitted));
      const both = await ahead.run({file, fit});
      t.deepEqual([plain(both.image), both.fitted && plain(both.fitted)], [plain(whole), plain(fitted)]);
    }
    ahead.close();
  });

  test(`a broken image ${where} is told by its name and reason, and others go on`, async t => {
    const folder = await temporaryFolder(t);
    const [broken, good] = [join(folder, 'broken.jpg'), fixture('images/rgb.jpg')];
    await writeFile(broken, (await encode('jpeg')).subarray(0, 400));
    const ahead = decodeAhead(threads);
    const failing = ahead.run({file: broken});
    const going = ahead.run({file: good});
    const error = await t.throwsAsync(failing, {instanceOf: ImageDecodeError});
    t.is(error.file, broken);
    t.regex(error.reason, /^a damaged or truncated JPEG image/);
    t.is(error.message, `${error.file}: ${error.reason}`);
    t.is((await going).image.width, 32);
    // A small one may be read before the shortest of timers is up.
    const large = join(folder, 'large.png');
    await sharp({create: {width: 4000, height: 3000, channels: 3, background: 'teal'}}).toFile(large);
    await t.throwsAsync(ahead.run({file: large, timeout: 1e-9}), {
      instanceOf: ImageDecodeError,
      message: `${large}: it took longer than 1e-9 s to read.`,
    });
    await t.throwsAsync(ahead.run({file: good, fit: {...fit, resize: 4}}), {
      instanceOf: RangeError,
      message: /resize 4 leaves less than inputSize/,
    });
    ahead.close();
  });
}

/** What is not done when the test closes the reader. */
const leftUndone = () => {};

test('threads go on while the one that asked is blocked', async t => {
  const file = fixture('images/rgb.jpg');
  const ahead = decodeAhead(1);
  await ahead.run({file});
  let done = 0;
  for (let i = 0; i < 40; i++) void ahead.run({file}).then(() => done++, leftUndone);
  await setTimeout(0);
  const before = done;
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1500);
  // No time to decode anything, but to take what is there; on a busy machine that is not all of it.
  for (let turn = 0; turn < 45 && done < 40; turn++) await new Promise(resolve => setImmediate(resolve));
  t.true(before < 5, 'the work outlasts the request for it');
  t.true(done >= 5, `${done} of 40`);
  ahead.close();
});

test('what was asked for on behalf of somebody who left is not done', async t => {
  const file = fixture('images/rgb.jpg');
  const [leaving, staying] = [decodeAhead(1), decodeAhead(1)];
  const left = Promise.allSettled(Array.from({length: 200}, () => leaving.run({file})));
  const kept = staying.run({file});
  await setTimeout(0);
  leaving.close();
  t.true((await left).some(({status}) => status === 'rejected'));
  t.is((await kept).image.width, 32);
});

test('what a thread had when it ended is done by another; the image that ends two is named', async t => {
  const threads = new DecodeThreads(new URL('fragileThread.ts', import.meta.url));
  const owner = {};
  await threads.run({file: 'first'}, owner, 1);
  const [good, deadly, later] = ['good', 'deadly', 'later'].map(file => threads.run({file}, owner, 1));
  const error = await t.throwsAsync(deadly, {instanceOf: ImageDecodeError});
  t.is(error.file, 'deadly');
  t.regex(error.reason, /thread that read it ended \(exit code 3\)/);
  // They may have been in a deadly thread twice themselves, but never wait for ever.
  const others = await Promise.allSettled([good, later]);
  t.is(others.length, 2);
  t.is((await threads.run({file: 'new'}, owner, 1)).image.data[0], 7);
});

test('where no thread can be started, images are decoded all the same', async t => {
  const threads = new DecodeThreads(new URL('nowhere.ts', import.meta.url));
  const file = fixture('images/rgb.jpg');
  const decoded = await Promise.all([threads.run({file}, {}, 2), threads.run({file}, {}, 2)]);
  t.deepEqual(
    decoded.map(({image}) => image.width),
    [32, 32],
  );
  t.is((await threads.run({file}, {}, 2)).image.width, 32);
});

test('idle threads do not keep a process alive', async t => {
  const source = fileURLToPath(new URL('../../src/index.ts', import.meta.url));
  const program = `
    const {decodeAhead} = await import(${JSON.stringify(source)});
    const {image} = await decodeAhead(2).run({file: ${JSON.stringify(fixture('images/rgb.jpg'))}});
    console.log(image.width);`;
  const options = ['--import=tsx', '--conditions=@foveal/source', '--input-type=module', '-e', program];
  const {stdout} = await promisify(execFile)(process.execPath, options, {timeout: 60_000});
  t.is(stdout, '32\n');
});

test.serial('the environment says how many threads there may be', t => {
  t.teardown(() => delete process.env['FOVEAL_DECODE_THREADS']);
  process.env['FOVEAL_DECODE_THREADS'] = '3';
  t.is(decodeAhead().threads, 3);
  t.is(decodeAhead(1).threads, 1);
  process.env['FOVEAL_DECODE_THREADS'] = '0';
  t.is(decodeAhead().threads, 0);
  process.env['FOVEAL_DECODE_THREADS'] = 'many';
  t.throws(() => decodeAhead(), {instanceOf: RangeError, message: /FOVEAL_DECODE_THREADS .* got many/});
});
