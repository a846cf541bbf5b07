import {ImageDecodeError} from '../imageDecodeError.js';

/** An error as it crosses from one thread to another, which would make a plain `Error` of its class. */
export interface Failure {
  name: string;
  message: string;
  stack?: string;
  file?: string;
  reason?: string;
}

export function failureOf(error: unknown): Failure {
  if (!(error instanceof Error)) return {name: 'Error', message: String(error)};
  const {name, message, stack} = error;
  const own = error instanceof ImageDecodeError ? {file: error.file, reason: error.reason} : {};
  return {name, message, ...(stack !== undefined && {stack}), ...own};
}

export function errorOf({name, message, stack, file, reason}: Failure): Error {
  if (file !== undefined && reason !== undefined) return new ImageDecodeError(file, reason);
  const error =
    name === 'RangeError'
      ? new RangeError(message)
      : name === 'TypeError'
        ? new TypeError(message)
        : new Error(message);
  if (stack !== undefined) error.stack = stack;
  return error;
}
