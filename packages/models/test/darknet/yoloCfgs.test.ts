import test from 'ava';
import {darknetTensors} from '../../src/darknet/darknetTensors.js';
import {layerShapes} from '../../src/darknet/layerShapes.js';
import {type YoloName, yoloCfg, yoloNames} from '../../src/darknet/yoloCfgs.js';

// Bytes of the files that the authors publish: 20 of header in versions 3, 16 in version 2, then 4 a number.
const published: Partial<Record<YoloName, [layers: number, bytes: number, header: number]>> = {
  yolov2: [32, 203_934_260, 16],
  yolov3: [107, 248_007_048, 20],
  'yolov3-tiny': [24, 35_434_956, 20],
  'yolo-fastest': [131, 1_384_268, 20],
};

const numbers = (name: YoloName) =>
  darknetTensors(yoloCfg(name)).reduce((sum, {shape}) => sum + shape.reduce((a, b) => a * b, 1), 0);

for (const [name, [layers, bytes, header]] of Object.entries(published) as [
  YoloName,
  [number, number, number],
][]) {
  test(`${name} has the published number of layers, and its weights the published size`, t => {
    t.is(yoloCfg(name).layers.length, layers);
    t.is(header + 4 * numbers(name), bytes);
  });
}

test('version 1 is figure 3: 24 convolutions, two fully connected layers, 7 × 7 × 30 values', t => {
  const cfg = yoloCfg('yolov1');
  const count = (type: string) => cfg.layers.filter(layer => layer.type === type).length;
  t.deepEqual([count('convolutional'), count('connected'), count('maxpool')], [24, 2, 4]);
  const shapes = layerShapes(cfg);
  t.deepEqual(shapes.at(-5), {width: 7, height: 7, channels: 1024});
  t.is(shapes.at(-1)?.channels, 7 * 7 * 30);
});

test('every built-in network fits together for one class, too', t => {
  for (const name of yoloNames) t.notThrows(() => layerShapes(yoloCfg(name, 1)));
});
