/**
 * The first key that stands twice in one object of a JSON text, or undefined. `JSON.parse` would keep the last one
 * silently, and two programs could read two different tensors out of one file.
 *
 * @param json - A text that `JSON.parse` accepts.
 */
export function duplicateKey(json: string): string | undefined {
  // One set of keys for each open object, null for each open array.
  const open: (Set<string> | null)[] = [];
  for (let i = 0; i < json.length; i++) {
    const character = json[i];
    if (character === '{') open.push(new Set());
    else if (character === '[') open.push(null);
    else if (character === '}' || character === ']') open.pop();
    else if (character === '"') {
      const end = stringEnd(json, i);
      if (isColonNext(json, end)) {
        const key = JSON.parse(json.slice(i, end)) as string;
        const keys = open[open.length - 1];
        if (keys?.has(key)) return key;
        keys?.add(key);
      }
      i = end - 1;
    }
  }
  return undefined;
}

// The index after the closing quote. Not a regular expression: V8's overflow on a string of megabytes.
function stringEnd(json: string, start: number): number {
  let i = start + 1;
  while (json[i] !== '"') i += json[i] === '\\' ? 2 : 1;
  return i + 1;
}

function isColonNext(json: string, i: number): boolean {
  while (json[i] === ' ' || json[i] === '\n' || json[i] === '\r' || json[i] === '\t') i++;
  return json[i] === ':';
}
