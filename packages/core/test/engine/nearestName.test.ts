import test from 'ava';
import {nearestName} from '../../src/engine/nearestName.js';

test('a typing error finds the name that was meant', t => {
  t.is(nearestName('resnet81', ['resnet18', 'resnet34', 'vgg16']), 'resnet18');
  t.is(nearestName('WASM', ['wasm', 'cpu']), 'wasm');
  t.is(nearestName('tensorfow', ['torch', 'tensorflow']), 'tensorflow');
});

test('a name that is far from all finds none', t => {
  t.is(nearestName('banana', ['wasm', 'cpu', 'torch']), undefined);
  t.is(nearestName('', ['wasm', 'cpu']), undefined);
});
