// tfjs-core's own specs on one of our engines: pnpm conformance [engine]. Exits 1 when the outcome is not the expected one.
import {mkdtemp, rm} from 'node:fs/promises';
import {join} from 'node:path';
import {bundleSpecs} from './bundle.js';
import {compare} from './compare.js';
import {expected} from './expected.js';
import {runJasmine} from './runJasmine.js';

const engine = process.argv[2] ?? 'torch:cpu';
// In node_modules, so that the bundle finds jasmine-core.
const folder = await mkdtemp(join(import.meta.dirname, '../../node_modules/.conformance-'));
try {
  const bundle = await bundleSpecs(join(folder, 'specs.cjs'));
  const outcome = await runJasmine(async () => bundle.declareSpecs(await bundle.prepare(engine)));
  const fallbacks = Object.entries(bundle.fallbacks()).sort((a, b) => b[1] - a[1]);
  for (const {name, messages} of outcome.failed) console.log(`FAILED ${name}\n    ${messages[0]}`);
  if (fallbacks.length > 0) console.log('fallbacks to tfjs kernels, with the number of calls:');
  for (const [kernel, calls] of fallbacks) console.log(`  ${kernel} ${calls}`);
  const {passed, failed, pending} = outcome;
  console.log(`passed ${passed}, failed ${failed.length}, pending ${pending} on ${engine}`);
  const surprises = compare(outcome, expected[engine.split(':')[0]] ?? []);
  for (const surprise of surprises) console.error(surprise);
  process.exitCode = surprises.length > 0 ? 1 : 0;
} finally {
  await rm(folder, {recursive: true});
}
