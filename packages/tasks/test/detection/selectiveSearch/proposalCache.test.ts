import {readdirSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {Random} from '@foveal/core';
import test from 'ava';
import {proposalCache} from '../../../src/detection/selectiveSearch/proposalCache.js';
import {selectiveSearch} from '../../../src/detection/selectiveSearch/selectiveSearch.js';
import {shapeScene} from '../../support/shapeScenes.js';
import {temporaryFolder} from '../../support/temporaryFolder.js';

test('proposals are searched once an image and way of searching, and made again if the file was cut off', t => {
  const folder = join(temporaryFolder(t), 'proposals');
  const {image} = shapeScene(new Random(1), 60, 2);
  const boxes = selectiveSearch(image);
  const cached = proposalCache(folder);
  t.deepEqual(cached(image), boxes);
  const [name] = readdirSync(folder);
  const file = join(folder, name);
  const whole = readFileSync(file);

  // What lies in the file is what comes back.
  const changed = Buffer.from(whole);
  changed.writeFloatLE(1234, 4);
  writeFileSync(file, changed);
  t.is(cached(image)[0], 1234);

  writeFileSync(file, whole.subarray(0, 21));
  t.deepEqual(cached(image), boxes);
  t.deepEqual(readFileSync(file), whole);

  proposalCache(folder, {seed: 3})(image);
  cached(shapeScene(new Random(2), 60, 2).image);
  t.is(readdirSync(folder).length, 3);
});
