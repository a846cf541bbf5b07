/** Rows under a heading, in columns as wide as their widest cell; ends with a line feed. */
export function table(heading: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = heading.map((_, c) => Math.max(...[heading, ...rows].map(row => [...row[c]].length)));
  const line = (row: readonly string[]) =>
    row
      .map((cell, c) => cell + ' '.repeat(widths[c] - [...cell].length))
      .join('  ')
      .trimEnd();
  return `${[line(heading), widths.map(width => '─'.repeat(width)).join('  '), ...rows.map(line)].join('\n')}\n`;
}
