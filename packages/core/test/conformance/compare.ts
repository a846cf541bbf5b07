import type {Outcome} from './runJasmine.js';

/** Failures that are known, by the name of the spec, by the message, or by both. */
export interface ExpectedFailure {
  spec?: RegExp;
  message?: RegExp;
  reason: string;
}

/** Says what went another way than expected: new failures, and expected ones that happen no longer. */
export function compare({failed}: Outcome, expected: readonly ExpectedFailure[]): string[] {
  const met = new Set<ExpectedFailure>();
  const surprises: string[] = [];
  for (const {name, messages} of failed) {
    const known = expected.find(
      ({spec, message}) =>
        (!spec || spec.test(name)) && (!message || messages.some(text => message.test(text))),
    );
    if (known) met.add(known);
    else surprises.push(`unexpected failure: ${name}`);
  }
  for (const entry of expected) {
    if (met.has(entry)) continue;
    const {spec, message} = entry;
    surprises.push(`expected a failure, but there is none for ${spec ?? message}. Take it off expected.ts.`);
  }
  return surprises;
}
