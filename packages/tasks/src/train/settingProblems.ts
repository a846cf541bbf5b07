import {nearestName} from '@foveal/core';
import type {z} from 'zod';

/** What is wrong with one setting. */
export interface SettingProblem {
  name: string;
  text: string;
}

/**
 * Tells what zod found, one line a setting: what is expected and what came, or the nearest name of an unknown one.
 *
 * @param data - What was checked.
 * @param names - Every name there is; `kind` is what they name, for the message.
 */
export function settingProblems(
  error: z.ZodError,
  data: Readonly<Record<string, unknown>>,
  {names, kind}: {names: readonly string[]; kind: string},
): SettingProblem[] {
  return error.issues.flatMap(issue => {
    if (issue.code !== 'unrecognized_keys') {
      const name = issue.path.join('.');
      const value = data[name];
      const expected = issue.message.replace(/^Invalid \w+: /, '').replace(/, received .*$/, '');
      return [
        {
          name,
          text: `${name}: ${expected}, got ${typeof value === 'number' ? value : (JSON.stringify(value) ?? value)}`,
        },
      ];
    }
    return issue.keys.map(name => {
      const near = nearestName(name, names);
      return {name, text: `${name}: there is no such ${kind}${near ? `; did you mean ${near}?` : ''}`};
    });
  });
}
