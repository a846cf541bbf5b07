import {createHash} from 'node:crypto';
import {mkdir, readdir, readFile, stat, writeFile} from 'node:fs/promises';
import {createServer, type IncomingMessage, type ServerResponse} from 'node:http';
import type {AddressInfo} from 'node:net';
import {homedir} from 'node:os';
import {dirname, join} from 'node:path';
import {setTimeout as pause} from 'node:timers/promises';
import test, {type ExecutionContext} from 'ava';
import {cacheFolder} from '../../src/weights/cacheFolder.js';
import {fetchWeights} from '../../src/weights/fetchWeights.js';
import {WeightsFetchError} from '../../src/weights/weightsFetchError.js';
import {temporaryFolder} from './support.js';

const content = Buffer.from(Array.from({length: 100_000}, (_, i) => (i * 7919) >>> 5));
const sha256 = createHash('sha256').update(content).digest('hex').slice(0, 8);

/** `folder` is where the client downloads to. */
type Answer = (request: IncomingMessage, response: ServerResponse, folder: string) => void;

/** A server on this machine that gives its answers in turn, the last one from then on, and notes what it was asked. */
async function serve(t: ExecutionContext, ...answers: Answer[]) {
  const asked: {url: string; range: string | undefined}[] = [];
  const folder = join(await temporaryFolder(t), 'weights');
  const server = createServer((request, response) => {
    asked.push({url: request.url!, range: request.headers.range});
    (answers[asked.length - 1] ?? answers.at(-1)!)(request, response, folder);
  });
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done));
  t.teardown(() => server.close());
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const record = {url: `${base}/models/tiny-${sha256}.pth`, sha256};
  return {base, folder, record, asked, file: join(folder, `tiny-${sha256}.pth`)};
}

/** The whole file, or the rest of it from where the client asks. */
const whole: Answer = ({headers}, response) => {
  const start = Number(/^bytes=(\d+)-$/.exec(headers.range ?? '')?.[1] ?? 0);
  const head = {'content-length': content.length - start};
  if (start === 0) response.writeHead(200, head);
  else
    response.writeHead(206, {
      ...head,
      'content-range': `bytes ${start}-${content.length - 1}/${content.length}`,
    });
  response.end(content.subarray(start));
};

/** Breaks the connection once the client has kept the first bytes: what it has not read by then is lost. */
const cutAfter =
  (bytes: number): Answer =>
  async (_, response, folder) => {
    response.writeHead(200, {'content-length': content.length});
    response.write(content.subarray(0, bytes));
    while ((await partSize(folder)) < bytes) await pause(5);
    response.destroy();
  };

async function partSize(folder: string): Promise<number> {
  const part = (await readdir(folder)).find(name => name.endsWith('.part'));
  return part === undefined ? 0 : (await stat(join(folder, part))).size;
}

const wrong: Answer = (_, response) => response.end(Buffer.alloc(content.length));

const failing =
  (status: number): Answer =>
  (_, response) => {
    response.writeHead(status);
    response.end('no');
  };

const online = {offline: false, mirror: undefined};

test('a file is fetched once, with its progress, and then taken from the folder', async t => {
  const {folder, record, asked, file} = await serve(t, whole);
  const seen: [number, number | undefined][] = [];
  const progress = (done: number, total: number | undefined) => seen.push([done, total]);
  t.is(await fetchWeights(record, {folder, ...online, progress}), file);
  t.deepEqual(await readFile(file), content);
  t.deepEqual(seen[0], [0, content.length]);
  t.deepEqual(seen.at(-1), [content.length, content.length]);
  t.is(await fetchWeights(record, {folder, ...online}), file);
  t.is(await fetchWeights(record, {folder, offline: true}), file);
  t.is(asked.length, 1);
  t.deepEqual(await readdir(folder), [`tiny-${sha256}.pth`]);
});

test('a download that is cut off goes on where it stopped', async t => {
  const {folder, record, asked, file} = await serve(t, cutAfter(40_000), whole);
  await fetchWeights(record, {folder, ...online});
  t.deepEqual(await readFile(file), content);
  t.deepEqual(
    asked.map(({range}) => range),
    [undefined, 'bytes=40000-'],
  );
});

test('two cuts are one too many, but the next call goes on', async t => {
  const {folder, record, asked, file} = await serve(t, cutAfter(40_000), failing(503), whole);
  const error = await t.throwsAsync(fetchWeights(record, {folder, ...online}), {
    instanceOf: WeightsFetchError,
  });
  t.regex(error!.message, /tiny.*503/);
  t.is(await fetchWeights(record, {folder, ...online}), file);
  t.is(asked.at(-1)?.range, 'bytes=40000-');
  t.deepEqual(await readFile(file), content);
});

test('a server that cannot continue gives the whole file again', async t => {
  const ignoresRange: Answer = (_, response) => response.end(content);
  const {folder, record, file} = await serve(t, cutAfter(40_000), ignoresRange);
  await fetchWeights(record, {folder, ...online});
  t.deepEqual(await readFile(file), content);
});

test('what a dead process left is continued, what a living one is at is left alone', async t => {
  const {folder, record, asked, file} = await serve(t, whole);
  await mkdir(folder);
  await writeFile(`${file}.${process.ppid}.part`, content.subarray(0, 500));
  await writeFile(`${file}.${2 ** 22 + 5}.part`, content.subarray(0, 700)); // above Linux's largest process number
  await fetchWeights(record, {folder, ...online});
  t.deepEqual(
    asked.map(({range}) => range),
    ['bytes=700-'],
  );
  t.deepEqual(await readFile(file), content);
  t.deepEqual((await readdir(folder)).length, 2);
});

test('a wrong checksum is tried once more, then refused, and nothing stays', async t => {
  const {folder, record, asked} = await serve(t, wrong);
  await t.throwsAsync(fetchWeights(record, {folder, ...online}), {
    instanceOf: WeightsFetchError,
    message: new RegExp(`checksum [0-9a-f]{8}, published is ${sha256}\\. It was removed`),
  });
  t.is(asked.length, 2);
  t.deepEqual(await readdir(folder), []);

  const second = await serve(t, wrong, whole);
  t.is(await fetchWeights(second.record, {folder: second.folder, ...online}), second.file);
});

test('a damaged file in the folder is fetched anew', async t => {
  const {folder, record, file} = await serve(t, whole);
  await mkdir(folder);
  await writeFile(file, content.subarray(1));
  await fetchWeights(record, {folder, ...online});
  t.deepEqual(await readFile(file), content);
});

test('offline nothing is asked, and the error says where the file belongs', async t => {
  const {folder, record, asked, file} = await serve(t, whole);
  const error = await t.throwsAsync(fetchWeights(record, {folder, offline: true}), {
    instanceOf: WeightsFetchError,
  });
  t.true(error?.message.includes(file) && error.message.includes('FOVEAL_OFFLINE'));
  t.is(asked.length, 0);
});

test('a mirror is asked instead, and a file it lacks is not asked for twice', async t => {
  const {base, folder, record, asked} = await serve(t, failing(404), whole);
  const mirrored = {...record, url: `http://127.0.0.1:1/models/tiny-${sha256}.pth`};
  const options = {folder, offline: false, mirror: `${base}/mirror/`};
  await t.throwsAsync(fetchWeights(mirrored, options), {message: /404.*mirror that has the file/s});
  await fetchWeights(mirrored, options);
  t.deepEqual(
    asked.map(({url}) => url),
    [`/mirror/tiny-${sha256}.pth`, `/mirror/tiny-${sha256}.pth`],
  );
});

test('two calls at once share one download', async t => {
  const {folder, record, asked} = await serve(t, whole);
  const paths = await Promise.all([1, 2, 3].map(() => fetchWeights(record, {folder, ...online})));
  t.is(new Set(paths).size, 1);
  t.is(asked.length, 1);
});

test('a server that falls silent is given up, a caller who aborts is obeyed', async t => {
  const silent: Answer = (_, response) => {
    response.writeHead(200, {'content-length': content.length});
    response.write(content.subarray(0, 10));
  };
  const {folder, record, asked} = await serve(t, silent);
  await t.throwsAsync(fetchWeights(record, {folder, ...online, idle: 1000}), {
    instanceOf: WeightsFetchError,
    message: /broke off \(nothing came for 1 second/,
  });
  t.is(asked.length, 2);
  const controller = new AbortController();
  const fetching = fetchWeights(record, {folder, ...online, signal: controller.signal});
  setTimeout(() => controller.abort(new Error('enough')), 50);
  await t.throwsAsync(fetching, {message: 'enough'});
});

test('the cache is where the system keeps such things, or where FOVEAL_CACHE says', t => {
  t.is(cacheFolder({FOVEAL_CACHE: '/x'}, 'linux'), '/x');
  t.is(cacheFolder({XDG_CACHE_HOME: '/c'}, 'linux'), join('/c', 'foveal'));
  t.is(cacheFolder({}, 'linux'), join(homedir(), '.cache', 'foveal'));
  t.is(cacheFolder({}, 'darwin'), join(homedir(), 'Library', 'Caches', 'foveal'));
  t.is(dirname(cacheFolder({LOCALAPPDATA: '/l'}, 'win32')), join('/l', 'foveal'));
});
