// Predicts any number of images into a file of JSON lines. Kill it and start it again: it goes on where it was.
//   node --import=tsx examples/batchInference.ts runs/photos/best.safetensors results.jsonl inbox/ 'more/**/*.jpg'
import {selectEngine} from '@foveal/core';
import {
  type BrokenImage,
  imageFiles,
  loadCheckpoint,
  predict,
  ResultFile,
  remaining,
  resultSource,
} from '@foveal/tasks';

const [checkpoint = 'best.safetensors', out = 'results.jsonl', ...paths] = process.argv.slice(2);
await selectEngine();
const {task} = await loadCheckpoint(checkpoint, 'classification');

// Another model must not complete what this one began.
const source = await resultSource([checkpoint], {top: 3});
const results = await ResultFile.open(out, {resume: true, source});
const before = results.count;
const broken: BrokenImage[] = [];
const onBroken = (one: BrokenImage) => {
  broken.push(one);
  results.fail(one);
};
const left = remaining(imageFiles(paths), {isDone: key => results.has(key)});
try {
  for await (const {file, categories} of predict(task, left, {batchSize: 64, timeout: 30, onBroken})) {
    results.write({file, categories: categories.slice(0, 3)});
  }
} finally {
  results.close();
}
console.log(`${results.count - before} results added to the ${before} in ${results.path}`);
if (broken.length) console.log(`${broken.length} could not be read: ${results.failuresPath}`);
