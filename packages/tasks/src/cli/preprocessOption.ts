import {existsSync, readFileSync} from 'node:fs';
import type {Preprocess} from '@foveal/core';
import {Option} from 'commander';
import {z} from 'zod';
import {UsageError} from './usageError.js';

const channels = {rgb: 3, bgr: 3, gray: 1} as const;

const schema = z
  .strictObject({
    inputSize: z.tuple([z.int().positive(), z.int().positive()]),
    resize: z.int().positive().nullable(),
    color: z.enum(['rgb', 'bgr', 'gray']),
    scale: z.number().positive(),
    mean: z.array(z.number()),
    std: z.array(z.number().positive()),
  })
  .partial();

export const preprocessOption = () =>
  new Option(
    '--preprocess <json>',
    'what the weights expect of images, if not what the model usually does: JSON, or a file of it',
  );

/**
 * Understands `--preprocess`: what it leaves out stays as it was, except for a `resize` that the new `inputSize` has
 * outgrown; `"resize": null` does without one.
 *
 * @param usual - What the weights or the model say.
 * @throws UsageError listing everything that is wrong.
 */
export function parsePreprocess(text: string, usual: Preprocess): Preprocess {
  const source = existsSync(text) ? readFileSync(text, 'utf8') : text;
  let value: unknown;
  try {
    value = JSON.parse(source);
  } catch (cause) {
    throw new UsageError(
      `--preprocess ${text}: expected JSON such as ${example}, or a file of it (${(cause as Error).message}).`,
      {cause},
    );
  }
  const {data, error} = schema.safeParse(value);
  if (error) {
    const faults = error.issues.map(({path, message}) => `  ${path.join('.') || 'as a whole'}: ${message}`);
    throw new UsageError(`--preprocess is wrong:\n${faults.join('\n')}\nExpected such as ${example}.`);
  }
  const {resize: usualResize, ...rest} = usual;
  const {resize: ownResize, ...own} = data;
  const known = Object.fromEntries(Object.entries(own).filter(([, one]) => one !== undefined));
  const result: Preprocess = {...rest, ...known};
  const fits = usualResize !== undefined && usualResize >= Math.max(...result.inputSize);
  const resize = ownResize === undefined && fits ? usualResize : ownResize;
  if (resize) result.resize = resize;
  const wanted = channels[result.color];
  if (result.mean.length !== wanted || result.std.length !== wanted) {
    throw new UsageError(
      `--preprocess: ${result.color} needs ${wanted} values of mean and std, got ${result.mean.length} and ${result.std.length}.`,
    );
  }
  return result;
}

const example =
  '{"color":"bgr","mean":[104,117,123],"std":[1,1,1],"scale":1,"resize":256,"inputSize":[227,227]}';
