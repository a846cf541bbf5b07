import {Random} from '@foveal/core';
import test from 'ava';
import {killResume} from '../support/killResume.js';
import {temporaryFolder} from '../support/temporaryFolder.js';

// test/checks/killResume.ts does the same a hundred times.
test.serial('a run that is killed at random moments and resumed equals one that is not', async t => {
  const seed = Date.now() % 2 ** 32;
  const {expected, killed} = await killResume(temporaryFolder(t), 60);
  const {curve, weights, kills} = await killed(2, new Random(seed));
  t.log(`seed ${seed}, killed at ${kills.map(({step}) => step).join(', ')}`);
  t.deepEqual(curve, expected.curve);
  t.true(weights === expected.weights, 'the weights differ');
});
