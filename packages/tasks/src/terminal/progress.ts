import {bar, count, duration} from './format.js';

/** How far work on images has come, on one line: `━━━── 30 of 100 images · 12 images/s · 6 s left`. */
export function progress(done: number, total: number, started: number): string {
  const seconds = (performance.now() - started) / 1000;
  const left = (seconds / done) * (total - done);
  return (
    `${bar(done / total)} ${count(done)} of ${count(total)} images · ` +
    `${count(done / seconds)} images/s · ${duration(left)} left`
  );
}
