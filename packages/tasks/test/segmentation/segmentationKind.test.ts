import test from 'ava';
import {segmentation} from '../../src/kinds/segmentation.js';
import {segmenter} from '../../src/segmentation/segmenter.js';

test('eval and predict see images as --tile and --orientations say, whatever the checkpoint was trained with', async t => {
  const open = () => segmenter('espnet', {categories: ['ground', 'cell'], tile: 512});
  const asked = await segmentation.combine?.([open()], {tile: 64, orientations: 8});
  t.like(asked?.prediction, {tile: 64, orientations: 8});
  const unasked = await segmentation.combine?.([open()], {});
  t.like(unasked?.prediction, {tile: 512, orientations: undefined});
  await t.throwsAsync(async () => segmentation.combine?.([open(), open()], {}), {
    message: /segmenters are not averaged; give one/,
  });
});
