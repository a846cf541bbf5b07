import type {DigitScenesOptions} from '@foveal/data';
import {UsageError} from './usageError.js';

/** What may follow the folder of `digit-scenes:`. */
const names = ['count', 'size', 'digits', 'sides', 'seed', 'background'];

/**
 * Understands `FOLDER?count=500&size=192&digits=1-6&sides=28-88&seed=0&background=1`.
 *
 * @throws UsageError if a setting is unknown, or no whole numbers.
 */
export function sceneSettings(text: string): DigitScenesOptions & {folder: string} {
  const [folder, query = ''] = text.split('?');
  const given = new URLSearchParams(query);
  const numbers = (name: string): number[] | undefined => {
    const value = given.get(name);
    if (value === null) return undefined;
    const parts = value.split('-').map(Number);
    if (/^\d+(-\d+)?$/.test(value)) return parts;
    throw new UsageError(`--data digit-scenes: ${name}=${value}: expected a whole number, or two as in 1-6.`);
  };
  for (const name of given.keys()) {
    if (names.includes(name)) continue;
    throw new UsageError(`--data digit-scenes: there is no setting ${name}. There are: ${names.join(', ')}.`);
  }
  const range = (name: string): readonly [number, number] | undefined => {
    const [low, high = low] = numbers(name) ?? [];
    return low === undefined ? undefined : [low, high];
  };
  const [length] = numbers('count') ?? [];
  const [seed] = numbers('seed') ?? [];
  const [size, digits, sides] = [range('size'), range('digits'), range('sides')];
  return {
    folder,
    ...(length !== undefined && {length}),
    ...(size && {size}),
    ...(digits && {digits}),
    ...(sides && {sides}),
    ...(seed !== undefined && {seed}),
    ...(given.get('background') === '1' && {background: true}),
  };
}
