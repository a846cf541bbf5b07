import {createReadStream} from 'node:fs';

const lineFeed = 0x0a;
const quote = 0x22;

/**
 * The records of a file that were written to their end, however large the file is; what a killed process left half
 * written at the end of it is passed over.
 *
 * @param quotes - Whether a line feed between quotes belongs to a record.
 * @returns Each record without its line feed, and the byte after it.
 */
export async function* wholeRecords(
  path: string,
  {quotes}: {quotes: boolean},
): AsyncGenerator<{text: string; end: number}> {
  let pending: Buffer[] = [];
  let inQuotes = false;
  let offset = 0;
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    let from = 0;
    for (let i = 0; i < chunk.length; i++) {
      if (quotes && chunk[i] === quote) inQuotes = !inQuotes;
      if (chunk[i] !== lineFeed || inQuotes) continue;
      const text = Buffer.concat([...pending, chunk.subarray(from, i)]).toString('utf8');
      yield {text, end: offset + i + 1};
      pending = [];
      from = i + 1;
    }
    pending.push(chunk.subarray(from));
    offset += chunk.length;
  }
}
