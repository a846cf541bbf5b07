import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {BinaryReader} from '@bufbuild/protobuf/wire';
import test from 'ava';
import {crc32c} from '../../src/train/crc32c.js';
import {EventFile, encodeEvent, eventFiles, frame} from '../../src/train/eventFile.js';
import {scalarsOf} from '../../src/train/scalars.js';
import {temporaryFolder} from '../support/temporaryFolder.js';

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

// RFC 3720, appendix B.4, and the check value of the catalogue of CRCs.
test('crc32c gives the published checksums', t => {
  t.is(crc32c(Buffer.from('123456789')), 0xe3069283);
  t.is(crc32c(new Uint8Array(32)), 0x8a9136aa);
  t.is(crc32c(new Uint8Array(32).fill(255)), 0x62a8ab43);
  t.is(crc32c(new Uint8Array(0)), 0);
});

// Every event file of TensorFlow starts so: 24 bytes of data, and the masked checksum of that length.
test('a record starts as the first of every event file does', t => {
  const first = encodeEvent({wallTime: 1.5, fileVersion: 'brain.Event:2'});
  t.is(hex(frame(first).subarray(0, 12)), '1800000000000000a37f4b22');
  t.is(hex(first), `09000000000000f83f1a0d${Buffer.from('brain.Event:2').toString('hex')}`);
});

test('an event holds time, step and scalars under the numbers of event.proto', t => {
  t.is(
    hex(encodeEvent({wallTime: 1.5, step: 3, scalars: {a: 0.5}})),
    '09000000000000f83f' + '1003' + '2a0a' + '0a08' + '0a0161' + '150000003f',
  );
  // SessionLog.START: TensorBoard drops what earlier files say of these steps.
  t.is(hex(encodeEvent({wallTime: 1.5, step: 300, restart: true})), '09000000000000f83f10ac023a020801');
});

/** The steps and tags of a file, with every checksum verified by the one property it has: it is over these bytes. */
function read(path: string): {step: number; tags: string[]; restart: boolean}[] {
  const bytes = readFileSync(path);
  const events = [];
  for (let at = 0; at < bytes.length; ) {
    const length = Number(bytes.readBigUInt64LE(at));
    const data = bytes.subarray(at + 12, at + 12 + length);
    if (hex(frame(data)) !== hex(bytes.subarray(at, at + length + 16))) throw new Error('a damaged record');
    at += length + 16;
    const reader = new BinaryReader(data);
    const event = {step: 0, tags: [] as string[], restart: false};
    while (reader.pos < reader.len) {
      const [field, type] = reader.tag();
      if (field === 2) event.step = Number(reader.int64());
      else if (field === 5)
        event.tags =
          Buffer.from(reader.bytes())
            .toString('latin1')
            .match(/\w+\/\w+/g) ?? [];
      else {
        if (field === 7) event.restart = true;
        reader.skip(type);
      }
    }
    events.push(event);
  }
  return events;
}

test('a resumed run writes a later file, which takes back what came after its step', t => {
  const folder = temporaryFolder(t);
  const first = new EventFile(folder);
  for (const step of [1, 2, 3]) first.write(step, {'train/loss': 1 / step});
  first.close();
  const second = new EventFile(folder, 2);
  second.write(3, {'train/loss': 0.3, 'validation/top1': 0.5});
  second.close();
  const files = eventFiles(folder).map(name => read(join(folder, name)));
  t.deepEqual(
    files.map(events => events.map(({step, restart}) => (restart ? `restart ${step}` : step))),
    [
      [0, 1, 2, 3],
      [0, 'restart 3', 3],
    ],
  );
  t.deepEqual(files[1][2].tags, ['train/loss', 'validation/top1']);
});

test('the scalars are those of steps and epochs', t => {
  const step = {type: 'step', step: 1, epoch: 0.1, learningRate: 0.1, imagesPerSecond: 5} as const;
  t.deepEqual(Object.keys(scalarsOf({...step, loss: 1, losses: {loss: 1}})), [
    'train/loss',
    'train/learningRate',
    'train/imagesPerSecond',
  ]);
  t.is(scalarsOf({...step, loss: 3, losses: {boxes: 1, labels: 2}})['train/loss/labels'], 2);
  const validation = {top1: 0.5, images: 9, pixels: 4096, perClass: []};
  const epoch = {type: 'epoch', step: 9, epoch: 1, loss: 2, seconds: 1, imagesPerSecond: 5} as const;
  t.deepEqual(scalarsOf({...epoch, validation, best: true}), {'epoch/loss': 2, 'validation/top1': 0.5});
  t.deepEqual(scalarsOf({type: 'end', step: 9, seconds: 1}), {});
});
