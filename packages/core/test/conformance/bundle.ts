import {readFile} from 'node:fs/promises';
import {createRequire} from 'node:module';
import {dirname} from 'node:path';
import {fileURLToPath, pathToFileURL} from 'node:url';
import * as esbuild from 'esbuild';

const require = createRequire(import.meta.url);
const core = fileURLToPath(new URL('../../', import.meta.url));
const tfjsDist = dirname(require.resolve('@tensorflow/tfjs-core'));

/** What the bundle exports. */
export interface ConformanceBundle {
  /** Selects the engine, and names the tfjs backend it set. */
  prepare(engine: string): Promise<string>;
  /** Declares every spec of tfjs-core to the jasmine that is global by then. */
  declareSpecs(backendName: string): void;
  /** Kernels that ran on tfjs's cpu code, with the number of calls. */
  fallbacks(): Record<string, number>;
}

// The specs reach into tfjs-core by relative paths, which its published Node bundle has not: so tfjs-core is taken
// from its modules, and our engine and the backends are bundled with it, or there would be two of it.
// Requires are used because they run when called: the engine is chosen first, then the specs declare themselves.
const entry = `
  import * as tf from '@tensorflow/tfjs-core';
  import '@tensorflow/tfjs-core/dist/register_all_gradients';
  import '@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops';
  import {setTestEnvs} from '@tensorflow/tfjs-core/dist/jasmine_util';
  export async function prepare(engine) {
    const {selectEngine} = require('./src/engine/selectEngine.ts');
    await selectEngine(engine);
    // The specs reset tfjs before every suite, and our wasm engine makes its backend once.
    if (engine === 'wasm') tf.backend().dispose = () => {};
    return tf.getBackend();
  }
  export function declareSpecs(backendName) {
    setTestEnvs([{name: backendName, backendName, isDataSync: true}]);
    require('@tensorflow/tfjs-core/dist/tests.js');
  }
  export const fallbacks = () => require('./src/engine/torch/fallback.ts').fallbacks();
`;

// A bundled file must still find the addon and the wasm binaries that lie beside it.
const keepLocations: esbuild.Plugin = {
  name: 'keep-locations',
  setup(build) {
    build.onLoad({filter: /packages\/core\/src\/.*\.ts$|tfjs-backend-wasm\/.*\.js$/}, async ({path}) => ({
      contents: (await readFile(path, 'utf8'))
        .replaceAll('import.meta.url', JSON.stringify(pathToFileURL(path).href))
        .replaceAll('__dirname', JSON.stringify(dirname(path))),
      loader: path.endsWith('.ts') ? 'ts' : 'js',
    }));
  },
};

/** Bundles tfjs-core's specs with the engine's sources into one CommonJS file. */
export async function bundleSpecs(outfile: string): Promise<ConformanceBundle> {
  await esbuild.build({
    stdin: {contents: entry, resolveDir: core, loader: 'js'},
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    mainFields: ['module', 'main'],
    conditions: ['@foveal/source'],
    alias: {'@tensorflow/tfjs-core': tfjsDist.replace(/\/dist$/, '')},
    // tfjs declares its specs free of side effects; taken at its word, the bundler would drop them all.
    ignoreAnnotations: true,
    external: ['jasmine-core', '@tensorflow/tfjs-node', '@tensorflow/tfjs-node-gpu'],
    plugins: [keepLocations],
    logLevel: 'error',
  });
  return require(outfile) as ConformanceBundle;
}
