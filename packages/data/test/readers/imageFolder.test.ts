import {execFileSync} from 'node:child_process';
import {mkdir, rm, symlink, writeFile} from 'node:fs/promises';
import {dirname, join, relative} from 'node:path';
import test, {type ExecutionContext} from 'ava';
import {DatasetError} from '../../src/datasetError.js';
import {ImageDecodeError} from '../../src/imageDecodeError.js';
import {imageFolder} from '../../src/readers/imageFolder.js';
import {encode, temporaryFolder} from '../support.js';

async function folderOf(t: ExecutionContext, ...files: string[]): Promise<string> {
  const folder = await temporaryFolder(t);
  const bytes = await encode('jpeg', 8, 8);
  for (const file of files) {
    await mkdir(dirname(join(folder, file)), {recursive: true});
    await writeFile(join(folder, file), bytes);
  }
  return folder;
}

test('folders are classes in order of their names, and files lie at any depth', async t => {
  const folder = await folderOf(
    t,
    'dog/b.jpg',
    'dog/a.JPEG',
    'Zebra/x.png',
    'cat/2/deep/1.jpg',
    'cat/10.jpg',
    'ähre/ü 1.jpg',
  );
  const dataset = await imageFolder(folder);
  t.deepEqual(dataset.categories, ['Zebra', 'cat', 'dog', 'ähre']);
  const samples = await Promise.all(Array.from({length: dataset.length}, (_, i) => dataset.get(i)));
  t.deepEqual(
    samples.map(({file, label}) => [relative(folder, file), label]),
    [
      ['Zebra/x.png', 0],
      ['cat/10.jpg', 1],
      ['cat/2/deep/1.jpg', 1],
      ['dog/a.JPEG', 2],
      ['dog/b.jpg', 2],
      ['ähre/ü 1.jpg', 3],
    ],
  );
  t.is(samples[0].image.width, 8);
});

test('hidden files and folders, texts, pipes called otherwise and files beside the classes are left out', async t => {
  const folder = await folderOf(
    t,
    'cat/1.jpg',
    'cat/.hidden.jpg',
    'cat/.cache/2.jpg',
    '.git/3.jpg',
    'cat/notes.txt',
    'readme.jpg',
  );
  const dataset = await imageFolder(folder);
  t.deepEqual([dataset.length, dataset.categories], [1, ['cat']]);
});

test('links to folders are followed, and loops end', async t => {
  const folder = await folderOf(t, 'cat/1.jpg', 'cat/more/2.jpg');
  await symlink(join(folder, 'cat'), join(folder, 'cat', 'more', 'up'));
  await symlink(join(folder, 'cat'), join(folder, 'dog'));
  await symlink('self', join(folder, 'self'));
  const dataset = await imageFolder(folder);
  t.deepEqual([dataset.length, dataset.categories], [4, ['cat', 'dog']]);
});

test('a class without images, a folder without classes and no folder are refused by name', async t => {
  const folder = await folderOf(t, 'cat/1.jpg');
  await mkdir(join(folder, 'dog'));
  await t.throwsAsync(imageFolder(folder), {
    instanceOf: DatasetError,
    message: /dog: a class without images/,
  });
  await t.throwsAsync(imageFolder(join(folder, 'cat')), {
    instanceOf: DatasetError,
    message: /cat: no folder of images in it\. Expected one folder per class/,
  });
  await t.throwsAsync(imageFolder(join(folder, 'none')), {
    instanceOf: DatasetError,
    message: /none: no such folder/,
  });
  await t.throwsAsync(imageFolder(join(folder, 'cat/1.jpg')), {
    instanceOf: DatasetError,
    message: /expected a folder, got a file/,
  });
});

test('an image that goes away or was never one is named when it is read', async t => {
  const folder = await folderOf(t, 'cat/1.jpg', 'cat/2.jpg', 'cat/3.jpg');
  await writeFile(join(folder, 'cat/2.jpg'), '');
  await rm(join(folder, 'cat/3.jpg'));
  execFileSync('mkfifo', [join(folder, 'cat/3.jpg')]);
  const dataset = await imageFolder(folder);
  await rm(join(folder, 'cat/1.jpg'));
  await t.throwsAsync(dataset.get(0), {instanceOf: ImageDecodeError, message: /1\.jpg: no such file/});
  await t.throwsAsync(dataset.get(1), {instanceOf: ImageDecodeError, message: /2\.jpg: the file is empty/});
  await t.throwsAsync(dataset.get(2), {
    instanceOf: ImageDecodeError,
    message: /3\.jpg: expected a file, got a pipe/,
  });
});
