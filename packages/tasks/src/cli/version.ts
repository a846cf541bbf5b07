import {createRequire} from 'node:module';

/** The version of `@foveal/tasks`, from its package.json, which lies as far from `src/cli` as from `dist/cli`. */
export const {version} = createRequire(import.meta.url)('../../package.json') as {version: string};
