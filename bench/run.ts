// npm run bench -- <name>…: runs the comparisons named, each a file of this folder.
import {readdirSync} from 'node:fs';
import {nearestName} from '@foveal/core';

const plumbing = ['run', 'photos', 'rcnnBench', 'segmentationBench', 'support', 'trainingStep'];
const names = readdirSync(import.meta.dirname)
  .filter(file => file.endsWith('.ts'))
  .map(file => file.slice(0, -'.ts'.length))
  .filter(name => !plumbing.includes(name));
const asked = process.argv.slice(2);
const unknown = asked.find(name => !names.includes(name));
if (asked.length === 0 || unknown !== undefined) {
  const nearest = unknown === undefined ? undefined : nearestName(unknown, names);
  if (unknown !== undefined)
    console.error(`There is no benchmark "${unknown}".${nearest ? ` Did you mean "${nearest}"?` : ''}`);
  console.error(`npm run bench -- <name>…, of: ${names.join(', ')}`);
  process.exit(2);
}
for (const name of asked) await import(`./${name}.ts`);
