// Kills a training at random moments, a hundred times or as often as asked, and compares what it comes to with a run
// that was left alone: every loss of the log and every weight, to the last bit.
// node --import=tsx --conditions=@foveal/source packages/tasks/test/checks/killResume.ts [kills] [seed]
import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {Random} from '@foveal/core';
import {killResume} from '../support/killResume.js';

const [kills = 100, seed = 1] = process.argv.slice(2).map(Number);
const random = new Random(seed);
const folder = mkdtempSync(join(tmpdir(), 'foveal-kill-'));
const started = performance.now();
let [done, starting, runs, wrong] = [0, 0, 0, 0];
try {
  const {expected, killed} = await killResume(folder, 600);
  while (done < kills) {
    const result = await killed(Math.min(kills - done, 20), random, kill => {
      done++;
      if (kill.starting) starting++;
      process.stderr.write(`kill ${done}: ${kill.starting ? 'starting' : 'at work'}, step ${kill.step}\n`);
    });
    runs++;
    const same = result.weights === expected.weights;
    const differing = expected.curve.filter((line, i) => line !== result.curve[i]);
    if (!same || differing.length || result.curve.length !== expected.curve.length) {
      wrong++;
      console.error(`run ${runs} differs: weights ${same ? 'equal' : 'differ'}, lines that do:`);
      console.error(differing.slice(0, 5).join('\n'));
    }
  }
  const seconds = ((performance.now() - started) / 1000).toFixed(0);
  console.log(
    `${done} kills (${starting} while starting) in ${runs} runs of ${expected.curve.length} lines, seed ${seed}, ` +
      `${seconds} s: ${wrong ? `${wrong} runs differ` : 'all equal the run that was left alone, to the last bit'}`,
  );
} finally {
  rmSync(folder, {recursive: true, force: true});
}
process.exitCode = wrong ? 1 : 0;
