import {createRequire} from 'node:module';

const require = createRequire(import.meta.url);

export interface FailedSpec {
  name: string;
  messages: string[];
}

export interface Outcome {
  passed: number;
  pending: number;
  failed: FailedSpec[];
}

interface SpecResult {
  fullName: string;
  status: 'passed' | 'failed' | 'pending' | 'excluded';
  failedExpectations: {message: string}[];
}

interface Environment {
  configure(options: {random: boolean}): void;
  addReporter(reporter: {specDone(result: SpecResult): void}): void;
  execute(): Promise<void>;
}

/** Boots jasmine 3.99, which is what tfjs-core's specs are written for, lets them be declared, and runs them. */
export async function runJasmine(declareSpecs: () => Promise<void>): Promise<Outcome> {
  const jasmineRequire = require('jasmine-core');
  const environment: Environment = jasmineRequire.boot(jasmineRequire).getEnv();
  environment.configure({random: false});
  await declareSpecs();
  const outcome: Outcome = {passed: 0, pending: 0, failed: []};
  environment.addReporter({
    specDone({fullName, status, failedExpectations}) {
      if (status === 'passed') outcome.passed++;
      if (status === 'pending') outcome.pending++;
      if (status === 'failed') {
        outcome.failed.push({name: fullName, messages: failedExpectations.map(({message}) => message)});
      }
    },
  });
  await environment.execute();
  return outcome;
}
