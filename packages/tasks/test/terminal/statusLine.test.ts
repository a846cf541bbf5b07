import {setTimeout} from 'node:timers/promises';
import test from 'ava';
import {statusLine} from '../../src/terminal/statusLine.js';

/** A stream that remembers what is written to it. */
function recorder(fields: {isTTY: boolean; columns: number}) {
  const written: string[] = [];
  const stream = {...fields, write: (text: string) => written.push(text)} as unknown as NodeJS.WriteStream;
  return {stream, written};
}

test('without a terminal there is a plain line now and then, and none at once', async t => {
  const {stream, written} = recorder({isTTY: false, columns: 0});
  const line = statusLine({stream, plainInterval: 40});
  line.update(() => 'one');
  await setTimeout(60);
  line.update(() => 'two');
  line.update(() => 'three');
  line.note('done');
  line.stop();
  t.deepEqual(written, ['two\n', 'done\n']);
});

test('a terminal that is 0 columns wide gets plain lines, as nothing can be redrawn there', async t => {
  const {stream, written} = recorder({isTTY: true, columns: 0});
  const line = statusLine({stream, plainInterval: 10});
  await setTimeout(20);
  line.update(() => 'one');
  line.stop();
  t.deepEqual(written, ['one\n']);
});
