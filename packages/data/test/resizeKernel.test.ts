import {readFile} from 'node:fs/promises';
import test from 'ava';
import wabt from 'wabt';
import {resizeKernelBinary} from '../src/resizeKernelBinary.js';

test('the kernel is what its source compiles to; if not, run `npm run kernel` in packages/data', async t => {
  const source = await readFile(new URL('../src/resizeKernel.wat', import.meta.url), 'utf8');
  const module = (await wabt()).parseWat('resizeKernel.wat', source, {simd: true});
  t.is(resizeKernelBinary, Buffer.from(module.toBinary({}).buffer).toString('base64'));
});
