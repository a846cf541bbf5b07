// The bin, reading the sources: tests need no build.
import {main} from '../../src/cli/main.js';

process.exitCode = await main(process.argv.slice(2));
