// Thirty kinds of bad input and what is promised for each, in one list. Each is made when its test runs.
import {mkdir, readFile, rm, symlink, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {deflateSync} from 'node:zlib';
import {roiAlign, selectEngine} from '@foveal/core';
import {
  AnnotationError,
  batches,
  checkSample,
  coco,
  DatasetError,
  decodeImage,
  ImageDecodeError,
  imageFolder,
  inspect,
  maskFolder,
  voc,
  yolo,
} from '@foveal/data';
import {loadWeights, models, readWeights, saveWeights, WeightsFileError} from '@foveal/models';
import * as tf from '@tensorflow/tfjs-core';
import test, {type ExecutionContext} from 'ava';
import sharp from 'sharp';
import {filesIn, png} from '../../data/test/files.js';
import {encode, fixture, makeImage} from '../../data/test/support.js';
import {pickle, safetensors, zip} from '../../models/test/weights/support.js';
import {classifier} from '../src/classification/classifier.js';
import {predict} from '../src/predict/predict.js';
import {foveal} from './support/foveal.js';

test.before(async () => {
  await selectEngine();
});

const json = JSON.stringify;
const text = (value: string) => Buffer.from(value, 'latin1');
const square = [0, 0, 4, 0, 4, 4, 0, 4];
const annotation = {id: 1, image_id: 7, category_id: 90, bbox: [1, 2, 3, 4], area: 12, iscrowd: 0};
const cocoFile = {
  images: [{id: 7, file_name: 'a.jpg', width: 8, height: 6}],
  categories: [{id: 90, name: 'dog'}],
  annotations: [annotation],
};

/** A folder with one photo of 8 × 6 and labels in COCO's format. */
async function cocoAt(t: ExecutionContext, change: object | string | Buffer): Promise<string> {
  const content =
    typeof change === 'string' || Buffer.isBuffer(change) ? change : json({...cocoFile, ...change});
  const folder = await filesIn(t, {'a.json': content, 'a.jpg': await encode('jpeg', 8, 6)});
  return join(folder, 'a.json');
}
const withAnnotation = (change: object) => ({annotations: [{...annotation, ...change}]});

async function yoloAt(t: ExecutionContext, labels: string): Promise<string> {
  const folder = await filesIn(t, {
    'set.yaml': 'path: .\ntrain: images\nval: images\nnames: [cat, dog]\n',
    'images/1.jpg': await encode('jpeg', 20, 10),
    'labels/1.txt': labels,
  });
  return join(folder, 'set.yaml');
}

async function vocAt(t: ExecutionContext, content: string, doctype = ''): Promise<string> {
  return filesIn(t, {
    'JPEGImages/a.jpg': await encode('jpeg', 8, 6),
    'Annotations/a.xml': `${doctype}<annotation>\n<size><width>8</width><height>6</height></size>\n${content}</annotation>`,
  });
}

/** Each file is refused by name and with a reason. */
async function undecodable(t: ExecutionContext, files: Record<string, [Uint8Array, RegExp]>): Promise<void> {
  const contents = Object.entries(files).map(([name, [bytes]]) => [name, Buffer.from(bytes)]);
  const folder = await filesIn(t, Object.fromEntries(contents));
  for (const [name, [, message]] of Object.entries(files)) {
    const error = await t.throwsAsync(decodeImage(join(folder, name)), {
      instanceOf: ImageDecodeError,
      message,
    });
    t.is(error.file, join(folder, name));
  }
}

async function refusals<E extends Error>(
  t: ExecutionContext,
  kind: new (...args: never[]) => E,
  cases: [() => Promise<unknown>, RegExp][],
): Promise<void> {
  for (const [opening, message] of cases) await t.throwsAsync(opening(), {instanceOf: kind, message});
}

const bomb = png([], {width: 50_000, height: 50_000, colorType: 2});

interface BadInput {
  input: string;
  promise: string;
  check(t: ExecutionContext): Promise<void>;
}

const list: BadInput[] = [
  {
    input: 'an empty .jpg',
    promise: 'fails by name, or is left out and listed',
    async check(t) {
      await undecodable(t, {'empty.jpg': [text(''), /the file is empty/]});
      const folder = await filesIn(t, {'a/1.jpg': '', 'a/2.jpg': await encode('jpeg')});
      const preprocess = {...models.lenet5.preprocess};
      const reading = batches(await imageFolder(folder), {batchSize: 2, preprocess, onError: 'skip'});
      for await (const {images, labels, files} of reading) {
        t.deepEqual(files, [join(folder, 'a/2.jpg')]);
        tf.dispose([images, labels]);
      }
      t.deepEqual(reading.skipped, [
        {
          file: join(folder, 'a/1.jpg'),
          reason: 'the file is empty. Expected a JPEG, PNG, WebP, GIF, TIFF or AVIF image.',
        },
      ]);
    },
  },
  {
    input: 'a JPEG cut at 60 %',
    promise: 'fails by name, never silently grey',
    async check(t) {
      const jpeg = await encode('jpeg', 320, 240);
      await undecodable(t, {
        'cut.jpg': [jpeg.subarray(0, 0.6 * jpeg.length), /damaged or truncated JPEG/],
      });
    },
  },
  {
    input: 'a PNG with a wrong checksum, or with too much data or too little',
    promise: 'an error, and the process lives',
    async check(t) {
      const good = await encode('png');
      const idat = good.indexOf('IDAT');
      const header = good.subarray(8, 33);
      const chunk = (data: Buffer) =>
        Buffer.concat([
          Buffer.from([data.length >> 24, data.length >> 16, data.length >> 8, data.length]),
          text('IDAT'),
          data,
        ]);
      await undecodable(t, {
        'crc.png': [good.map((byte, i) => (i === idat + 60 ? byte ^ 255 : byte)), /damaged or truncated PNG/],
        'short.png': [
          Buffer.concat([good.subarray(0, 8), header, chunk(deflateSync(Buffer.alloc(10)))]),
          /damaged or truncated PNG/,
        ],
      });
      t.is((await decodeImage(good)).width, 64);
    },
  },
  {
    input: 'a PNG of 50,000 × 50,000',
    promise: 'refused by its number of pixels, before it is decoded',
    async check(t) {
      const before = process.memoryUsage().rss;
      await undecodable(t, {'bomb.png': [bomb, /50000 × 50000 pixels are more than the 268402689 allowed/]});
      t.true(process.memoryUsage().rss - before < 500e6);
    },
  },
  {
    input: 'a GIF of 10,000 frames',
    promise: 'the first frame',
    async check(t) {
      const screen = text('GIF89a\x02\0\x01\0\x80\0\0\xff\0\0\0\xff\0');
      const frame = text('\x2c\0\0\0\0\x02\0\x01\0\0\x02\x02\x44\x0a\0');
      const gif = Buffer.concat([screen, ...Array.from({length: 10_000}, () => frame), text(';')]);
      const {width, height, data} = await decodeImage(gif);
      t.deepEqual([width, height, data.length], [2, 1, 6]);
    },
  },
  {
    input: 'an SVG, with a link or of 10^9 pixels',
    promise: 'not drawn',
    async check(t) {
      const svg = (attributes: string, content: string) =>
        text(`<svg xmlns="http://www.w3.org/2000/svg" ${attributes}>${content}</svg>`);
      await undecodable(t, {
        'link.svg': [svg('', '<image href="file:///etc/passwd"/>'), /SVG or XML text, which is not drawn/],
        'huge.png': [svg('width="40000" height="40000"', ''), /SVG or XML text, which is not drawn/],
      });
    },
  },
  {
    input: 'a .jpg that is a web page, a program, a HEIC image',
    promise: 'refused by its first bytes',
    check: t =>
      undecodable(t, {
        'page.jpg': [text('<!DOCTYPE html><p>404'), /a web page, not an image/],
        'program.jpg': [text('\x7fELF\x02\x01'), /a program, not an image/],
        'photo.jpg': [text('\0\0\0\x18ftypheic\0\0\0\0'), /a HEIC image/],
      }),
  },
  {
    input: 'CMYK, 16 bits, a palette, 1 bit, grey and alpha, RGBA',
    promise: "Pillow's pixels, within one",
    async check(t) {
      const golden = JSON.parse(await readFile(fixture('golden/images.json'), 'utf8')) as Record<
        string,
        {shape: number[]; data: string}
      >;
      for (const [name, {shape, data}] of Object.entries(golden)) {
        const image = await decodeImage(fixture(`images/${name}`));
        t.deepEqual([image.height, image.width, image.channels], shape, name);
        const expected = Buffer.from(data, 'base64');
        // A JPEG of CMYK is converted by whole numbers in another order.
        t.true(
          image.data.every((value, i) => Math.abs(value - expected[i]) <= (name === 'cmyk.jpg' ? 2 : 1)),
          name,
        );
      }
    },
  },
  {
    input: 'EXIF orientation, also one that is none',
    promise: 'pixels stay where boxes were drawn, unless they are to be turned',
    async check(t) {
      const {data} = makeImage(6, 4, 3);
      const raw = {raw: {width: 6, height: 4, channels: 3}} as const;
      for (let orientation = 1; orientation <= 9; orientation++) {
        const jpeg = await sharp(data, raw)
          .jpeg()
          .withMetadata({orientation: Math.min(orientation, 8)})
          .toBuffer();
        // The value of the tag, in either byte order; 9 is no orientation.
        if (orientation === 9)
          for (let i = 20; i < 60; i++) if (jpeg[i] === 8 && jpeg[i - 1] === 0) jpeg[i] = 99;
        t.is((await decodeImage(jpeg)).width, 6);
        const turned = await decodeImage(jpeg, {orientation: 'apply'});
        t.is(turned.width, orientation >= 5 && orientation <= 8 ? 4 : 6, `orientation ${orientation}`);
      }
    },
  },
  {
    input: 'images of 1 × 1, 1 × 4000 and 4000 × 1',
    promise: 'the model runs',
    async check(t) {
      const grey = (width: number, height: number) =>
        sharp(Buffer.alloc(width * height, 90), {raw: {width, height, channels: 1}})
          .png()
          .toBuffer();
      const folder = await filesIn(t, {
        '1.png': await grey(1, 1),
        '2.png': await grey(1, 4000),
        '3.png': await grey(4000, 1),
      });
      const task = classifier('lenet5', {categories: ['a', 'b']});
      const files = [1, 2, 3].map(n => join(folder, `${n}.png`));
      for await (const {categories} of predict(task, files)) t.true(Number.isFinite(categories[0].score));
    },
  },
  {
    input: 'boxes that are NaN or infinite',
    promise: 'a validation error, and no crash in native code',
    async check(t) {
      const image = makeImage(8, 6, 3);
      for (const value of [Number.NaN, Number.POSITIVE_INFINITY, 3e38]) {
        const boxes = Float32Array.of(0, 0, value, 4);
        t.throws(() => checkSample({image, boxes, file: 'a.jpg'}, 1), {
          instanceOf: DatasetError,
          message: /a\.jpg: object 0/,
        });
        const pooled = tf.tidy(() =>
          roiAlign(tf.ones([1, 8, 8, 1]), tf.tensor2d(boxes, [1, 4]), tf.tensor1d([0], 'int32'), {
            outputSize: [2, 2],
            spatialScale: 1,
            samplingRatio: 2,
          }).dataSync(),
        );
        t.is(pooled.length, 4);
      }
      await refusals(t, AnnotationError, [
        [
          async () => coco(await cocoAt(t, json(cocoFile).replace('[1,2,3,4]', '[1,2,1e999,4]'))),
          /annotation 1/,
        ],
      ]);
    },
  },
  {
    input: 'boxes without width, negative, outside, in another form',
    promise: 'doctor lists all; reading refuses unless told to fix',
    async check(t) {
      const boxes = [
        [1, 2, 0, 4],
        [-5, 2, 3, 4],
        [20, 20, 3, 4],
        // x1, y1, x2, y2 in place of x, y, width, height.
        [5, 4, 8, 6],
      ];
      const file = await cocoAt(t, {annotations: boxes.map((bbox, id) => ({...annotation, id, bbox}))});
      const error = await t.throwsAsync(coco(file), {instanceOf: AnnotationError});
      t.is(error.problems.length, 4);
      const {problems} = await inspect(options => coco(file, options));
      t.is(problems.length, 4);
      const {code, stdout} = await foveal('doctor', '--data', `coco:${file}`, '--json');
      t.is(code, 1);
      t.is((JSON.parse(stdout) as {problems: number}).problems, 4);
      const fixed = await coco(file, {fix: true});
      // The last reaches over two edges; nothing is left of the others.
      t.deepEqual((await fixed.get(0)).boxes, Float32Array.of(5, 4, 8, 6));
      t.is(fixed.repairs.length, 4);
      checkSample(await fixed.get(0), 1);
    },
  },
  {
    input: 'an image without boxes',
    promise: 'a sample without objects',
    async check(t) {
      const dataset = await coco(await cocoAt(t, {annotations: []}));
      t.deepEqual((await dataset.get(0)).boxes, new Float32Array(0));
      t.is((await (await yolo(await yoloAt(t, ''))).get(0)).labels?.length, 0);
    },
  },
  {
    input: '100,000 boxes on one image',
    promise: 'the first 2,000, with a warning',
    async check(t) {
      const warned: string[] = [];
      const listen = (warning: Error) => void warned.push(warning.message);
      process.on('warning', listen);
      const annotations = Array.from({length: 100_000}, (_, id) => ({
        ...annotation,
        id,
        segmentation: [square],
      }));
      const dataset = await coco(await cocoAt(t, {annotations}));
      const sample = await dataset.get(0);
      t.is(sample.masks?.length, 2000);
      t.is(sample.boxes?.length, 4 * 2000);
      await new Promise(resolve => setImmediate(resolve));
      process.off('warning', listen);
      t.regex(warned.join(), /a\.json: .*a\.jpg: 100000 objects are more than the 2000 .*raise maxObjects/);
      t.is(dataset.repairs.length, 1);
    },
  },
  {
    input: 'category ids that are 0, with gaps, absent or twice',
    promise: 'a map in the order of the ids, or an error',
    async check(t) {
      const categories = [
        {id: 90, name: 'dog'},
        {id: 0, name: 'cat'},
      ];
      const dataset = await coco(await cocoAt(t, {categories}));
      t.deepEqual(
        [dataset.categories, dataset.categoryIds],
        [
          ['cat', 'dog'],
          [0, 90],
        ],
      );
      t.deepEqual((await dataset.get(0)).labels, Int32Array.of(1));
      await refusals(t, AnnotationError, [
        [async () => coco(await cocoAt(t, withAnnotation({category_id: 5}))), /annotation 1: .*category/],
        [
          async () => coco(await cocoAt(t, {categories: [...categories, {id: 0, name: 'cow'}]})),
          /categories\[2\]: id 0 is taken: categories\[1\] has it, too/,
        ],
      ]);
    },
  },
  {
    input: 'annotations of a missing image, and an image without annotations',
    promise: 'told, and left out on request; no objects',
    async check(t) {
      const images = [...cocoFile.images, {id: 8, file_name: 'gone.jpg', width: 8, height: 6}];
      const file = await cocoAt(t, {images});
      await refusals(t, AnnotationError, [
        [async () => coco(file), /image 8: no file .*gone\.jpg/],
        [async () => coco(await cocoAt(t, withAnnotation({image_id: 99}))), /annotation 1: .*image/],
      ]);
      t.is((await coco(file, {fix: true})).length, 1);
    },
  },
  {
    input: 'ids of images or annotations that occur twice',
    promise: 'an error with both places',
    async check(t) {
      await refusals(t, AnnotationError, [
        [
          async () => coco(await cocoAt(t, {images: [...cocoFile.images, ...cocoFile.images]})),
          /images\[1\]: id 7 is taken: images\[0\] has it, too/,
        ],
        [
          async () => coco(await cocoAt(t, {annotations: [annotation, annotation]})),
          /annotations\[1\]: id 1 is taken: annotations\[0\] has it, too/,
        ],
      ]);
    },
  },
  {
    input: 'polygons of two points, of odd length, crossing themselves, outside',
    promise: 'left out or clipped, with a report',
    async check(t) {
      await refusals(t, AnnotationError, [
        [async () => coco(await cocoAt(t, withAnnotation({segmentation: [[0, 0, 4, 4]]}))), /annotation 1/],
        [
          async () => coco(await cocoAt(t, withAnnotation({segmentation: [[0, 0, 4, 0, 4, 4, 0]]}))),
          /annotation 1/,
        ],
      ]);
      for (const segmentation of [[[0, 0, 4, 4, 4, 0, 0, 4]], [[-50, -50, 50, -50, 50, 50, -50, 50]]]) {
        const sample = await (await coco(await cocoAt(t, withAnnotation({segmentation})))).get(0);
        t.deepEqual([sample.masks?.[0].width, sample.masks?.[0].height], [8, 6]);
      }
    },
  },
  {
    input: 'runs that do not fill the image, are negative or of 2^31',
    promise: 'an error before memory is taken',
    async check(t) {
      for (const counts of [[10], [-1, 49], [2 ** 31, 2 ** 31], [0, 2 ** 53]]) {
        const segmentation = {size: [6, 8], counts};
        await t.throwsAsync(
          (async () => (await coco(await cocoAt(t, withAnnotation({segmentation, iscrowd: 1})))).get(0))(),
          {message: /a\.json|a\.jpg/},
          json(counts),
        );
      }
      await t.throwsAsync(
        (async () => {
          const segmentation = {size: [2 ** 31, 2 ** 31], counts: [2 ** 62]};
          return (await coco(await cocoAt(t, withAnnotation({segmentation})))).get(0);
        })(),
      );
    },
  },
  {
    input: 'JSON that is cut, nested 100,000 deep, begins with a BOM, holds NaN',
    promise: 'an error with the byte',
    async check(t) {
      const whole = json(cocoFile);
      await refusals(t, DatasetError, [
        [async () => coco(await cocoAt(t, whole.slice(0, -20))), /a\.json: .*byte \d+/],
        [async () => coco(await cocoAt(t, `{"info": ${'['.repeat(100_000)}`)), /a\.json: .*(byte \d+|deep)/],
        [async () => coco(await cocoAt(t, whole.replace('12', 'NaN'))), /a\.json: .*byte \d+/],
        [async () => coco(await cocoAt(t, `\ufeff${whole}`)), /a\.json: byte 0: a byte-order mark/],
      ]);
    },
  },
  {
    input: 'XML with an entity bomb, an external entity, one object, no box',
    promise: 'nothing is expanded or fetched',
    async check(t) {
      const box = '<bndbox><xmin>1</xmin><ymin>1</ymin><xmax>4</xmax><ymax>4</ymax></bndbox>';
      const object = (name: string, content = box) => `<object><name>${name}</name>${content}</object>`;
      const levels = Array.from({length: 9}, (_, i) => `<!ENTITY e${i + 1} "${`&e${i};`.repeat(10)}">`).join(
        '',
      );
      const bombed = await voc(await vocAt(t, object('&e9;'), `<!DOCTYPE a [<!ENTITY e0 "lol">${levels}]>`));
      t.deepEqual(bombed.categories, ['&e9;']);
      t.is((await (await voc(await vocAt(t, object('dog')))).get(0)).labels?.length, 1);
      await refusals(t, AnnotationError, [
        [
          async () =>
            voc(await vocAt(t, object('&x;'), '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>')),
          /External entities/,
        ],
        [async () => voc(await vocAt(t, object('dog', ''))), /a\.xml: line 3 \(object 0\): has no <bndbox>/],
      ]);
    },
  },
  {
    input: 'YOLO lines of four columns, class 9999, shares above 1, commas; line ends of Windows',
    promise: 'an error with the line, or read',
    async check(t) {
      await refusals(t, AnnotationError, [
        [async () => yolo(await yoloAt(t, '0 0.5 0.5 0.5\n')), /1\.txt: line 1/],
        [async () => yolo(await yoloAt(t, '0 0.5 0.5 0.5 0.5\n9999 0.5 0.5 0.5 0.5\n')), /1\.txt: line 2/],
        [async () => yolo(await yoloAt(t, '0 5 5 3 3\n')), /1\.txt: line 1/],
        [async () => yolo(await yoloAt(t, '0,0.5,0.5,0.5,0.5\n')), /1\.txt: line 1/],
      ]);
      t.is((await (await yolo(await yoloAt(t, '0 0.5 0.5 0.5 0.5\r\n\r\n'))).get(0)).labels?.length, 1);
    },
  },
  {
    input: 'masks with a class too many, 255, colours, another size',
    promise: 'an error by name; 255 does not count',
    async check(t) {
      const masks = async (mask: Buffer) => {
        const folder = await filesIn(t, {'images/a.jpg': await encode('jpeg', 2, 1), 'masks/a.png': mask});
        return maskFolder(join(folder, 'images'), {
          masks: join(folder, 'masks'),
          categories: ['sky', 'road'],
        });
      };
      const grey = {width: 2, height: 1, colorType: 0} as const;
      const fine = await (await masks(png([1, 255], grey))).get(0);
      t.deepEqual(fine.classMap, Uint8Array.of(1, 255));
      const get = async (mask: Buffer) => (await masks(mask)).get(0);
      await refusals(t, DatasetError, [
        [async () => get(png([1, 2], grey)), /a\.png: /],
        [async () => get(png([1, 0, 0, 9, 9, 9], {...grey, colorType: 2})), /a\.png: /],
        [async () => get(png([1], {...grey, width: 1})), /a\.png: the mask is 1 × 1, but its image 2 × 1/],
      ]);
    },
  },
  {
    input: 'archives that lead outside, hold links, devices, too much or names twice',
    promise: 'never unpacked: no reader takes an archive; a .pth is a zip, read in memory, with names once',
    async check(t) {
      const archive = zip([
        {name: '../../evil/data.pkl', data: pickle.of(pickle.number(1))},
        {name: '../../evil/data.pkl', data: pickle.of(pickle.number(2))},
      ]);
      const folder = await filesIn(t, {'a.pth': archive, 'a/photo.jpg': archive});
      await refusals(t, WeightsFileError, [[async () => readWeights(join(folder, 'a.pth')), /a\.pth: /]]);
      await refusals(t, ImageDecodeError, [
        [async () => decodeImage(join(folder, 'a/photo.jpg')), /photo\.jpg: /],
      ]);
    },
  },
  {
    input: 'a pickle that calls os.system or what nobody knows, and one cut short',
    promise: 'refused, and nothing is run',
    async check(t) {
      const call = (module: string, name: string) =>
        pickle.of(pickle.call(pickle.global(module, name), pickle.tuple(pickle.text('exit 1'))));
      const folder = await filesIn(t, {
        'system.pth': zip([{name: 'archive/data.pkl', data: call('os', 'system')}]),
        'unknown.pth': zip([{name: 'archive/data.pkl', data: call('mine', 'Thing')}]),
        'bare.pth': call('os', 'system'),
        'cut.pth': call('os', 'system').subarray(0, 8),
      });
      await refusals(t, WeightsFileError, [
        [async () => readWeights(join(folder, 'system.pth')), /asks for os\.system, which is not allowed/],
        [async () => readWeights(join(folder, 'unknown.pth')), /asks for mine\.Thing/],
        [async () => readWeights(join(folder, 'bare.pth')), /asks for os\.system/],
        [async () => readWeights(join(folder, 'cut.pth')), /cut\.pth: /],
      ]);
    },
  },
  {
    input: 'safetensors with a header of 2^63, overlaps, holes, names twice, a wrong size, `__proto__`',
    promise: 'an error before memory is taken',
    async check(t) {
      const entry = (begin: number, end: number) => ({dtype: 'F32', shape: [1], data_offsets: [begin, end]});
      const four = new Uint8Array(4);
      const eight = new Uint8Array(8);
      const huge = Buffer.alloc(16, 0xff);
      huge[7] = 0x7f;
      const files: Record<string, Buffer> = {
        'huge.safetensors': huge,
        'overlap.safetensors': Buffer.from(safetensors(json({a: entry(0, 4), b: entry(2, 6)}), eight)),
        'hole.safetensors': Buffer.from(safetensors(json({a: entry(4, 8)}), eight)),
        'twice.safetensors': Buffer.from(
          safetensors(`{"a":${json(entry(0, 4))},"a":${json(entry(0, 4))}}`, four),
        ),
        'size.safetensors': Buffer.from(safetensors(json({a: entry(0, 8)}), eight)),
        'trailing.safetensors': Buffer.from(safetensors(json({a: entry(0, 4)}), eight)),
        'proto.safetensors': Buffer.from(safetensors(`{"__proto__":${json(entry(0, 400))}}`, four)),
      };
      const folder = await filesIn(t, files);
      for (const name of Object.keys(files)) {
        await t.throwsAsync(readWeights(join(folder, name)), {instanceOf: WeightsFileError}, name);
      }
      t.false('dtype' in {});
    },
  },
  {
    input: '.npy and .npz files',
    promise: 'refused by their first bytes: no reader takes them',
    async check(t) {
      const npy = text("\x93NUMPY\x01\0v\0{'descr': '|O', 'fortran_order': True, 'shape': (1,)}\n");
      await undecodable(t, {'a.jpg': [npy, /no image/]});
      const folder = await filesIn(t, {'a.npy': npy});
      await refusals(t, WeightsFileError, [[async () => readWeights(join(folder, 'a.npy')), /a\.npy: /]]);
    },
  },
  {
    input: 'weights of another architecture, of other classes, with gaps',
    promise: 'the difference is told; on request what fits is loaded',
    async check(t) {
      const folder = await filesIn(t, {});
      const file = join(folder, 'lenet.safetensors');
      await saveWeights(models.lenet5.build({numClasses: 10}), file);
      const other = models.resnet20.build({numClasses: 10});
      await t.throwsAsync(loadWeights(other, file), {message: /lenet\.safetensors/});
      const fewer = models.lenet5.build({numClasses: 3});
      await t.throwsAsync(loadWeights(fewer, file), {message: /lenet\.safetensors/});
      t.true((await loadWeights(fewer, file, {strict: false})).loaded > 0);
    },
  },
  {
    input: 'paths of any letters, too long, in a loop, a pipe, gone meanwhile',
    promise: 'read, or an error by name',
    async check(t) {
      const folder = await filesIn(t, {'Ünïcode и пробел/图 1.jpg': await encode('jpeg')});
      const dataset = await imageFolder(folder);
      t.is((await dataset.get(0)).image.width, 64);
      await rm(join(folder, 'Ünïcode и пробел/图 1.jpg'));
      await symlink('loop.jpg', join(folder, 'loop.jpg'));
      await mkdir(join(folder, 'folder.jpg'));
      await refusals(t, ImageDecodeError, [
        [async () => dataset.get(0), /图 1\.jpg: no such file/],
        [async () => decodeImage(join(folder, 'loop.jpg')), /loop\.jpg: a loop of symbolic links/],
        [async () => decodeImage(join(folder, 'folder.jpg')), /folder\.jpg: expected a file, got a folder/],
        [async () => decodeImage(join(folder, 'a'.repeat(4096))), /the path is too long/],
      ]);
    },
  },
  {
    input: 'settings that are NaN, 0, negative, unknown, a device that is not there',
    promise: 'one error that lists all, with what may have been meant',
    async check(t) {
      const folder = await filesIn(t, {
        'data/a/1.png': await encode('png'),
        'data/b/1.png': await encode('png'),
      });
      const settings = join(folder, 'settings.yaml');
      await writeFile(
        settings,
        'model: lenet5\nlearningRate: .nan\nbatchSize: 0\nepochs: -1\nepohcs: 3\nconcurrency: 1.5\n',
      );
      const data = join(folder, 'data');
      const {code, stderr} = await foveal(
        'train',
        '--config',
        settings,
        '--data',
        data,
        '--out',
        join(folder, 'run'),
      );
      t.is(code, 2);
      t.regex(stderr, /5 problems/);
      t.regex(stderr, /epohcs: .*did you mean epochs/);
      const device = await foveal(
        'train',
        '--model',
        'lenet5',
        '--data',
        data,
        '--out',
        join(folder, 'other'),
        '--engine',
        'cuda:9',
      );
      t.true(device.code !== 0);
      t.regex(device.stderr, /cuda:9/);
    },
  },
];

test('the list is complete', t => {
  t.is(list.length, 30);
});

list.forEach(({input, promise, check}, i) => {
  test.serial(`${i + 1}. ${input}: ${promise}`, check);
});
