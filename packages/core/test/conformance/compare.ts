import type {Outcome} from './runJasmine.js';

/** What may fail on an engine, and why. */
export interface Expected {
  /** Kernels the engine does not have: specs that ask for one fail. Kernel name to reason. */
  missingKernels?: Record<string, string>;
  /** Other specs that fail. Full name to reason. */
  specs?: Record<string, string>;
}

/** Says what went another way than expected: new failures, and expected ones that no longer happen. */
export function compare({failed}: Outcome, {missingKernels = {}, specs = {}}: Expected): string[] {
  const seen = new Set<string>();
  const surprises: string[] = [];
  for (const {name, messages} of failed) {
    const kernel = messages.join('\n').match(/Kernel '(\w+)' not registered/)?.[1] ?? '';
    if (name in specs) seen.add(name);
    else if (kernel in missingKernels) seen.add(kernel);
    else surprises.push(`unexpected failure: ${name}`);
  }
  for (const name of Object.keys({...specs, ...missingKernels})) {
    if (!seen.has(name))
      surprises.push(`expected to fail, but no longer does: ${name}. Take it off the list.`);
  }
  return surprises;
}
