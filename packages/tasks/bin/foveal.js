#!/usr/bin/env node
import {existsSync} from 'node:fs';

const main = new URL('../dist/cli/main.js', import.meta.url);
if (existsSync(main)) {
  process.exitCode = await (await import(main.href)).main(process.argv.slice(2));
} else {
  process.stderr.write('foveal: it is not built yet. Run "npm run setup" in the repository first.\n');
  process.exitCode = 1;
}
