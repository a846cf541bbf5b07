import {availableParallelism} from 'node:os';
import test from 'ava';
import {wasmThreads} from '../../../src/engine/wasm/index.js';
import {maxThreads} from '../../../src/engine/wasm/loadModule.js';

const asked = process.env['FOVEAL_THREADS'];
test.afterEach.always(() => {
  if (asked === undefined) delete process.env['FOVEAL_THREADS'];
  else process.env['FOVEAL_THREADS'] = asked;
});

test.serial(
  'there is a thread for each core, or as many as FOVEAL_THREADS says, and eight at the most',
  t => {
    delete process.env['FOVEAL_THREADS'];
    t.is(wasmThreads(), Math.min(maxThreads, availableParallelism()));
    process.env['FOVEAL_THREADS'] = '3';
    t.is(wasmThreads(), 3);
    process.env['FOVEAL_THREADS'] = '64';
    t.is(wasmThreads(), maxThreads);
  },
);

test.serial('a number of threads that is none is refused', t => {
  for (const value of ['0', '-1', '1.5', 'all']) {
    process.env['FOVEAL_THREADS'] = value;
    t.throws(wasmThreads, {instanceOf: RangeError, message: new RegExp(`above 0, got "${value}"`)});
  }
});
