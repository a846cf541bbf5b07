import {existsSync, readdirSync, readFileSync, utimesSync, writeFileSync} from 'node:fs';
import {hostname} from 'node:os';
import {join} from 'node:path';
import test from 'ava';
import {thisProcess} from '../../src/train/lockHolder.js';
import {RunLock} from '../../src/train/runLock.js';
import {temporaryFolder} from '../support/temporaryFolder.js';

test('a held lock is refused by the number of its process, and free once it is released', async t => {
  const folder = temporaryFolder(t);
  const lock = await RunLock.acquire(folder);
  await t.throwsAsync(RunLock.acquire(folder), {
    message: new RegExp(`in use by process ${process.pid}, which is this one`),
  });
  lock.release();
  t.deepEqual(readdirSync(folder), []);
  (await RunLock.acquire(folder)).release();
});

const elsewhere = {pid: 7, host: 'another-machine', started: null, token: 'x'};
// The largest number a process can have on Linux is 2^22.
const dead = {pid: 2 ** 22 + 1, host: hostname(), started: null, token: 'x'};
const parent = {pid: process.ppid, host: hostname(), started: null, token: 'x'};

const stale: [string, string][] = [
  ['of a process that died', JSON.stringify(dead)],
  ['of a killed process whose number is ours now', JSON.stringify({...thisProcess(), token: 'x'})],
  ['that was cut short', '{"pid": 1'],
  ['that is empty', ''],
];
if (thisProcess().started !== null) {
  const reused = {...parent, started: 'an earlier boot 1'};
  stale.push(['of a killed process whose number another one has now', JSON.stringify(reused)]);
}
for (const [what, content] of stale) {
  test(`a lock ${what} is taken over`, async t => {
    const folder = temporaryFolder(t);
    const path = join(folder, 'run.lock');
    writeFileSync(path, content);
    const lock = await RunLock.acquire(folder);
    t.is(JSON.parse(readFileSync(path, 'utf8')).token, thisProcess().token);
    t.deepEqual(readdirSync(folder), ['run.lock']);
    lock.release();
    t.false(existsSync(path));
  });
}

test('a lock of a living process is not taken', async t => {
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, 'run.lock'), JSON.stringify(parent));
  await t.throwsAsync(RunLock.acquire(folder), {message: new RegExp(`in use by process ${process.ppid}\\.`)});
  t.is(readFileSync(join(folder, 'run.lock'), 'utf8'), JSON.stringify(parent));
});

test('a lock of another machine holds as long as it is renewed', async t => {
  const folder = temporaryFolder(t);
  const path = join(folder, 'run.lock');
  writeFileSync(path, JSON.stringify(elsewhere));
  await t.throwsAsync(RunLock.acquire(folder), {
    message: /process 7 on another-machine.*or remove .*run\.lock/,
  });
  const longAgo = Date.now() / 1000 - 600;
  utimesSync(path, longAgo, longAgo);
  const lock = await RunLock.acquire(folder);
  lock.release();
  t.deepEqual(readdirSync(folder), []);
});

test('a lock that another process took meanwhile is left to it', async t => {
  const folder = temporaryFolder(t);
  const path = join(folder, 'run.lock');
  const lock = await RunLock.acquire(folder);
  writeFileSync(path, JSON.stringify(elsewhere));
  lock.release();
  t.true(existsSync(path));
});
