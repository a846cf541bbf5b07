/** @throws RangeError that names the option unless each is a finite number of at least 0. */
export function checkRates(owner: string, options: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(options)) {
    if (!(Number.isFinite(value) && value >= 0)) {
      throw new RangeError(`${owner}: ${name} must be a finite number of 0 or more, got ${value}.`);
    }
  }
}
