import type {Rle} from '@foveal/core';
import {type Grid, sourced} from './grid.js';
import {RunWriter} from './runWriter.js';

/** The pixels of a mask that the grid asks for. Works on the columns that the mask has pixels in. */
export function gatherMask({counts, width, height}: Rle, {columns, rows}: Grid): Rle {
  const runs = new RunWriter();
  const {starts, ends} = columnRuns(counts, width, height);
  const gatherColumn = columnGatherer(rows, height, runs);
  for (const source of columns) {
    const list = source < 0 ? undefined : starts[source];
    if (list === undefined) runs.add(0, rows.length);
    else gatherColumn(list, ends[source]);
  }
  return {width: columns.length, height: rows.length, counts: runs.counts()};
}

/** @returns a function that writes the rows of one column, whose runs it is given. */
function columnGatherer(rows: Int32Array, height: number, runs: RunWriter) {
  const [first, end] = sourced(rows);
  const shift = first - rows[first];
  if (rows.subarray(first, end).every((row, i) => row === rows[first] + i)) {
    const inside = (row: number) => Math.min(Math.max(row + shift, first), end);
    return (starts: number[], ends: number[]) => {
      let at = 0;
      starts.forEach((start, i) => {
        const [from, to] = first === end ? [0, 0] : [inside(start), inside(ends[i])];
        runs.add(0, from - at);
        runs.add(1, to - from);
        at = to;
      });
      runs.add(0, rows.length - at);
    };
  }
  const column = new Uint8Array(height);
  return (starts: number[], ends: number[]) => {
    column.fill(0);
    starts.forEach((start, i) => {
      column.fill(1, start, ends[i]);
    });
    for (const row of rows) runs.add(row < 0 ? 0 : column[row], 1);
  };
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
