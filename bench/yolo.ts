// One image of 320² through a darknet detector, decoded but not suppressed, against
// OpenCV’s DNN, which does the same. FOVEAL_YOLO names a network without its extension: FOVEAL_YOLO=yolo-fastest-1.1
// for yolo-fastest-1.1.cfg and .weights. Python is FOVEAL_PYTHON, or Debian's with python3-opencv.
import {spawn} from 'node:child_process';
import {availableParallelism} from 'node:os';
import {basename} from 'node:path';
import {createInterface} from 'node:readline';
import {fileURLToPath} from 'node:url';
import {selectEngine} from '@foveal/core';
import {Darknet, loadDarknetWeights, readCfg} from '@foveal/models';
import * as tf from '@tensorflow/tfjs-core';
import {decodeYolo} from '../packages/tasks/dist/detection/yolo/decodeYolo.js';
import {compare, timed} from './support.ts';

const name = process.env['FOVEAL_YOLO'];
if (!name)
  throw new Error('yolo: name a network by FOVEAL_YOLO, without the extension of its .cfg and .weights.');
const engine = await selectEngine('torch');
const threads = availableParallelism();
const cfg = await readCfg(`${name}.cfg`);
const network = new Darknet(cfg);
await loadDarknetWeights(network, `${name}.weights`);
network.eval();
const {width, height} = cfg.net;
const image = tf.randomUniform<tf.Rank.R4>([1, height, width, 3], 0, 1, 'float32', 1);

const script = fileURLToPath(new URL('peers/openCvPeer.py', import.meta.url));
const python = process.env['FOVEAL_PYTHON'] ?? '/usr/bin/python3';
const child = spawn(python, [script, `${name}.cfg`, `${name}.weights`, String(threads)]);
child.on('error', error => {
  throw new Error(`${python} does not start: ${error.message}. Name another by FOVEAL_PYTHON.`);
});
child.stderr.pipe(process.stderr);
const answers = createInterface(child.stdout)[Symbol.asyncIterator]();
async function answer<T>(): Promise<T> {
  const {value, done} = await answers.next();
  if (done) throw new Error('yolo: OpenCV ended early; see what it said above.');
  return JSON.parse(value) as T;
}
const {opencv} = await answer<{opencv: string}>();

const detect = () =>
  tf.tidy(() => {
    const raw = network.forward(image);
    for (const [h, {layer}] of network.heads.entries()) {
      if (layer.type === 'yolo') decodeYolo(raw[h], layer, [height, width]).scores.dataSync();
    }
  });

await compare({
  name: `${basename(name)} inference, one image, ${height}²`,
  peer: `OpenCV ${opencv} DNN`,
  ours: timed(detect),
  theirs: async () => {
    child.stdin.write('1\n');
    return (await answer<{ms: number}>()).ms;
  },
  rounds: 30,
  warmUp: 5,
  versions: [engine.version, `${threads} threads`],
});
child.stdin.end();
process.exit();
