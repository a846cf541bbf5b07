// Reads a dataset of one's own format: here the class is the first word of the file's name, cat_0012.jpg.
//   node --import=tsx examples/ownDataset.ts pictures/
import {readdir} from 'node:fs/promises';
import {join} from 'node:path';
import {selectEngine} from '@foveal/core';
import {type Dataset, decodeImage, inspect, problemText} from '@foveal/data';
import {classifier, train} from '@foveal/tasks';

/** All that a dataset needs: how many, which classes, and one image with its label at a time. */
async function labelledByName(folder: string): Promise<Dataset> {
  const names = (await readdir(folder)).filter(name => /^[^_]+_.*\.(jpe?g|png)$/i.test(name)).sort();
  const classOf = (name: string) => name.slice(0, name.indexOf('_'));
  const categories = [...new Set(names.map(classOf))].sort();
  return {
    length: names.length,
    categories,
    async get(index) {
      const file = join(folder, names[index]);
      return {image: await decodeImage(file), label: categories.indexOf(classOf(names[index])), file};
    },
  };
}

const [folder = 'pictures', epochs = '10'] = process.argv.slice(2);
const {categories, problems} = await inspect(() => labelledByName(folder));
for (const {name, count} of categories) console.log(`${name}: ${count} images`);
for (const problem of problems) console.log(problemText(problem));

await selectEngine();
const dataset = await labelledByName(folder);
const model = classifier('lenet5', {categories: dataset.categories});
const {epochs: seen} = await train(model, dataset, {
  epochs: Number(epochs),
  batchSize: 16,
  optimizer: 'adam',
});
console.log(`loss ${seen.map(({loss}) => loss.toFixed(3)).join(', ')}`);
