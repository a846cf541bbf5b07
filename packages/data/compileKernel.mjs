// Compiles src/resizeKernel.wat to src/resizeKernelBinary.ts: text, so that tsc takes it along.
import {readFileSync, writeFileSync} from 'node:fs';
import wabt from 'wabt';

const source = new URL('src/resizeKernel.wat', import.meta.url);
const module = (await wabt()).parseWat('resizeKernel.wat', readFileSync(source, 'utf8'), {simd: true});
const base64 = Buffer.from(module.toBinary({}).buffer).toString('base64');
writeFileSync(
  new URL('src/resizeKernelBinary.ts', import.meta.url),
  `// Made of resizeKernel.wat by \`npm run kernel\`.\nexport const resizeKernelBinary =\n  '${base64}';\n`,
);
