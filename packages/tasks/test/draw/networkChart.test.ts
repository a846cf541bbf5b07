import test from 'ava';
import sharp from 'sharp';
import {networkChart} from '../../src/draw/networkChart.js';

const networks = [
  {name: 'small', multiplyAdds: 1e9, parameters: 1e6, top1: 60},
  {name: 'large', multiplyAdds: 1e10, parameters: 1e8, top1: 75},
];

test('discs are drawn, the larger for more parameters', async t => {
  const {data, info} = await sharp(await networkChart(networks, 'Two'))
    .raw()
    .toBuffer({resolveWithObject: true});
  t.deepEqual([info.width, info.height], [1100, 760]);
  const blue = (from: number, to: number) => {
    let count = 0;
    for (let y = 96; y < 684; y++) {
      for (let x = from; x < to; x++) {
        const at = (y * info.width + x) * info.channels;
        if (data[at + 2] > data[at] + 40) count++;
      }
    }
    return count;
  };
  const [left, right] = [blue(300, 600), blue(600, 1040)];
  t.true(left > 10 && right > 20 * left, `${left} and ${right} blue pixels`);
});

test('no network is refused', async t => {
  await t.throwsAsync(networkChart([], 'None'), {message: /at least one network/});
});
