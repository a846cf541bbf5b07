/** One number for both axes, or `[height, width]`. */
export type Pair = number | readonly [number, number];

export const pair = (value: Pair): [number, number] =>
  typeof value === 'number' ? [value, value] : [value[0], value[1]];

/** @throws RangeError that names the option unless all values are integers of at least `least`. */
export function checkIntegers(owner: string, options: Readonly<Record<string, Pair>>, least: number): void {
  for (const [name, value] of Object.entries(options)) {
    if (!pair(value).every(v => Number.isInteger(v) && v >= least)) {
      const wanted = `${least > 0 ? 'a positive integer' : 'an integer of 0 or more'}, or two, [height, width]`;
      throw new RangeError(`${owner}: ${name} must be ${wanted}; got ${JSON.stringify(value)}.`);
    }
  }
}
