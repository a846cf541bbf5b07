import type {Rle} from '@foveal/core';
import type {Grid} from './grid.js';
import {RunWriter} from './runWriter.js';

/** The pixels of a mask that the grid asks for. Works on the columns that the mask has pixels in. */
export function gatherMask({counts, width, height}: Rle, {columns, rows}: Grid): Rle {
  const runs = new RunWriter();
  const column = new Uint8Array(height);
  const {starts, ends} = columnRuns(counts, width, height);
  const used = rows.some(row => row >= 0);
  for (const source of columns) {
    const list = source < 0 || !used ? undefined : starts[source];
    if (list === undefined) {
      runs.add(0, rows.length);
      continue;
    }
    column.fill(0);
    list.forEach((start, i) => {
      column.fill(1, start, ends[source][i]);
    });
    for (let y = 0; y < rows.length; y++) runs.add(rows[y] < 0 ? 0 : column[rows[y]], 1);
  }
  return {width: columns.length, height: rows.length, counts: runs.counts()};
}

/** For each column with pixels of the mask, the first row of each run and the row after its last. */
function columnRuns(counts: Uint32Array, width: number, height: number) {
  const starts: number[][] = new Array(width);
  const ends: number[][] = new Array(width);
  let at = 0;
  counts.forEach((count, i) => {
    const end = at + count;
    for (let from = at; i % 2 === 1 && from < end; ) {
      const column = Math.floor(from / height);
      const to = Math.min(end, (column + 1) * height);
      (starts[column] ??= []).push(from - column * height);
      (ends[column] ??= []).push(to - column * height);
      from = to;
    }
    at = end;
  });
  return {starts, ends};
}
