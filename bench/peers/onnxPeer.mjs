// onnxruntime-node as a peer of the benchmarks. One request a line on stdin, one JSON answer a line on stdout:
//   {"load": "network.onnx", "input": "images.bin", "shape": [1, 3, 256, 256], "threads": 2}  ->  {"onnxruntime": "1.30.0"}
//   {"run": "classes"}                                                                       ->  {"ms": 412.1}
//   {"write": "logits", "to": "logits.bin"}                                                  ->  {}
// Its argument is a file in whose folder, or above it, node_modules/onnxruntime-node lies.
import {readFile, writeFile} from 'node:fs/promises';
import {createRequire} from 'node:module';
import {createInterface} from 'node:readline';

const require = createRequire(process.argv[2]);
const {InferenceSession, Tensor} = require('onnxruntime-node');
let session, feeds;

async function answer({load, input, shape, threads, run, write, to}) {
  if (load) {
    session = await InferenceSession.create(load, {intraOpNumThreads: threads, interOpNumThreads: 1});
    const bytes = await readFile(input);
    feeds = {images: new Tensor('float32', new Float32Array(new Uint8Array(bytes).buffer), shape)};
    return {onnxruntime: require('onnxruntime-node/package.json').version};
  }
  if (write) {
    const {[write]: result} = await session.run(feeds, [write]);
    await writeFile(to, new Uint8Array(result.data.buffer, result.data.byteOffset, result.data.byteLength));
    return {};
  }
  const start = performance.now();
  await session.run(feeds, [run]);
  return {ms: performance.now() - start};
}

for await (const line of createInterface(process.stdin)) {
  const told = await answer(JSON.parse(line)).catch(error => ({error: error.message}));
  process.stdout.write(`${JSON.stringify(told)}\n`);
}
