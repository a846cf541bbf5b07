import test from 'ava';
import {formatCfg} from '../../src/darknet/formatCfg.js';
import {parseCfg} from '../../src/darknet/parseCfg.js';
import {withClasses} from '../../src/darknet/withClasses.js';

const net = '[net]\nwidth=32\nheight=32\n';
const head = '[region]\nanchors=1,1, 2,2, 3,3, 4,4, 5,5\nclasses=20\nnum=5\n';
const region = parseCfg(`${net}[convolutional]\nfilters=125\nsize=1\nactivation=linear\n${head}`);

test('a region layer counts all its boxes, and the text says so', t => {
  const text = formatCfg(withClasses(region, 3));
  t.regex(text, /^filters=40$/m);
  t.regex(text, /^classes=3$/m);
});

test('nothing changes for the same number, not even what could not be changed', t => {
  t.deepEqual(withClasses(region, 20), region);
  const [pool] = parseCfg(`${net}[maxpool]\nsize=1\nstride=1\n`).layers;
  const odd = {...region, layers: [pool, region.layers[1]]};
  t.deepEqual(withClasses(odd, 20), odd);
  t.throws(() => withClasses(odd, 3), {message: /\[region\] must follow \[convolutional\]/});
});
