import test from 'ava';
import {compare} from './compare.js';

const failed = [
  {name: 'pool same', messages: ['Error: 3 is not 4']},
  {name: 'fill', messages: ['Error: no strings']},
];
const outcome = {passed: 9, pending: 0, failed};

test('an outcome as listed is no surprise', t => {
  const expected = [
    {spec: /^pool/, reason: 'rounding'},
    {message: /no strings/, reason: 'strings'},
  ];
  t.deepEqual(compare(outcome, expected), []);
});

test('a failure that is not listed is named', t => {
  t.deepEqual(compare(outcome, [{spec: /^pool/, reason: 'rounding'}]), ['unexpected failure: fill']);
});

test('name and message must both fit where both are listed', t => {
  const surprises = compare(outcome, [{spec: /^pool/, message: /no strings/, reason: 'neither'}]);
  t.is(surprises.length, 3);
});

test('a listed failure that happens no longer is named', t => {
  const [surprise] = compare({...outcome, failed: []}, [{spec: /^pool/, reason: 'rounding'}]);
  t.regex(surprise, /none for \/\^pool\/.*Take it off/);
});
