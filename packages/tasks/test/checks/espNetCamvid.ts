// ESPNet with the authors' weights on CamVid, against PyTorch on the same files: mean IoU, per class and over all.
//   node --import=tsx packages/tasks/test/checks/espNetCamvid.ts camvid/val camvid/valannot espnet_p_2_q_8_camvid.pth
// The second run by PyTorch needs /usr/bin/python3 with torch (PYTHON names another).
import {execFileSync} from 'node:child_process';
import {fileURLToPath} from 'node:url';
import {selectEngine} from '@foveal/core';
import {maskFolder} from '@foveal/data';
import {loadWeights} from '@foveal/models';
import {evaluate, segmenter} from '@foveal/tasks';

const [images, masks, weights] = process.argv.slice(2);
if (!images || !masks || !weights) {
  console.error(
    'espNetCamvid: expected three arguments: the folder of images, that of masks, the file of weights.',
  );
  process.exit(2);
}
const categories = 'Sky Building Pole Road Pavement Tree SignSymbol Fence Car Pedestrian Bicyclist'.split(
  ' ',
);
await selectEngine();
const dataset = await maskFolder(images, {masks, categories, ignore: [11]});
// The weights have a twelfth output, for what is not labelled; it takes no part.
const task = segmenter('espnet', {categories, options: {numClasses: 12}});
await loadWeights(task.model, weights);
const ours = await evaluate(task, dataset);
const peer = fileURLToPath(new URL('espNetCamvid.py', import.meta.url));
const theirs = JSON.parse(
  execFileSync(process.env['PYTHON'] ?? '/usr/bin/python3', [peer, images, masks, weights], {
    encoding: 'utf8',
  }),
) as {meanIou: number; pixelAccuracy: number; iou: number[]};

const row = (name: string, a: number | null, b: number) =>
  console.log(
    `${name.padEnd(16)}${(100 * (a ?? Number.NaN)).toFixed(3).padStart(8)}${(100 * b).toFixed(3).padStart(9)}`,
  );
console.log(`${'%'.padEnd(16)}${'Foveal'.padStart(8)}${'PyTorch'.padStart(9)}`);
for (const [c, name] of categories.entries()) row(name, ours.iou[name], theirs.iou[c]);
row('mean IoU', ours.meanIou, theirs.meanIou);
row('pixel accuracy', ours.pixelAccuracy, theirs.pixelAccuracy);
const apart = 100 * Math.abs((ours.meanIou ?? 0) - theirs.meanIou);
console.log(`${dataset.length} images; ${apart.toFixed(4)} points apart, 0.2 allowed`);
process.exit(apart <= 0.2 ? 0 : 1);
