import {InvalidArgumentError} from 'commander';

/** Parsers for options of commander, which puts the option's name before the message. */
export const wholeNumber =
  (least: number) =>
  (text: string): number => {
    const value = Number(text);
    if (Number.isSafeInteger(value) && value >= least) return value;
    throw new InvalidArgumentError(`Expected a whole number of at least ${least}.`);
  };

export const oneOf =
  (allowed: readonly number[]) =>
  (text: string): number => {
    const value = allowed.find(one => String(one) === text);
    if (value !== undefined) return value;
    throw new InvalidArgumentError(`Expected ${allowed.join(', ')}.`);
  };

export const positiveNumber = (text: string): number => {
  const value = Number(text);
  if (text.trim() && Number.isFinite(value) && value > 0) return value;
  throw new InvalidArgumentError('Expected a number above 0, such as 0.1 or 1e-3.');
};

export const nonNegativeNumber = (text: string): number => {
  const value = Number(text);
  if (text.trim() && Number.isFinite(value) && value >= 0) return value;
  throw new InvalidArgumentError('Expected a number of at least 0, such as 0 or 1e-4.');
};

/** A share below 1. */
export const share = (text: string): number => {
  const value = nonNegativeNumber(text);
  if (value < 1) return value;
  throw new InvalidArgumentError('Expected a number from 0 to below 1, such as 0.1.');
};

/** A share up to 1. */
export const fraction = (text: string): number => {
  const value = nonNegativeNumber(text);
  if (value <= 1) return value;
  throw new InvalidArgumentError('Expected a number from 0 to 1, such as 0.3.');
};
