/** Seconds as people say them: `8 s`, `3 min 05 s`, `2 h 10 min`. */
export function duration(seconds: number): string {
  if (!Number.isFinite(seconds)) return '?';
  const whole = Math.max(0, Math.round(seconds));
  const two = (part: number) => String(part).padStart(2, '0');
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${two(whole % 60)} s`;
  return `${Math.floor(whole / 3600)} h ${two(Math.floor((whole % 3600) / 60))} min`;
}

/** A number with its thousands apart: `12,345`; below ten with one decimal. */
export const count = (value: number): string =>
  value.toLocaleString('en', {maximumFractionDigits: value !== Math.round(value) && value < 10 ? 1 : 0});

/** A share in [0, 1] as a percentage, rounded down at the top: 0.99996 is not 100 %. */
export function percent(share: number, decimals = 1): string {
  const scale = 10 ** decimals;
  const value = Math.round(share * 100 * scale) / scale;
  return `${(value === 100 && share < 1 ? 100 - 1 / scale : value).toFixed(decimals)} %`;
}

/** A bar of `width` characters, filled for `share` in [0, 1]. */
export function bar(share: number, width = 24): string {
  const filled = Math.round(Math.min(1, Math.max(0, share)) * width);
  return '━'.repeat(filled) + '─'.repeat(width - filled);
}

/** `1 image`, `2 images`; `many` for nouns that do not just take an s. */
export const plural = (number: number, noun: string, many = `${noun}s`): string =>
  `${count(number)} ${number === 1 ? noun : many}`;
