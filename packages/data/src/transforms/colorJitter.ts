import type {Image} from '../image.js';
import type {Transform} from '../sample.js';
import {adjustBrightness, adjustContrast, adjustHue, adjustSaturation} from './adjustColor.js';
import {checkInterval} from './size.js';

/** A number x stands for factors in [max(0, 1 − x), 1 + x]; for hue, for shifts in [−x, x]. */
type Strength = number | readonly [number, number];

export interface ColorJitterOptions {
  /** @defaultValue 0, none */
  brightness?: Strength;
  /** @defaultValue 0, none */
  contrast?: Strength;
  /** @defaultValue 0, none */
  saturation?: Strength;
  /** Shares of the colour circle, up to 0.5. @defaultValue 0, none */
  hue?: Strength;
}

/** Changes brightness, contrast, saturation and hue, in random order; objects stay where they are. */
export function colorJitter({
  brightness = 0,
  contrast = 0,
  saturation = 0,
  hue = 0,
}: ColorJitterOptions): Transform {
  const steps = [
    {interval: factors('brightness', brightness), adjust: adjustBrightness},
    {interval: factors('contrast', contrast), adjust: adjustContrast},
    {interval: factors('saturation', saturation), adjust: adjustSaturation},
    {interval: shifts(hue), adjust: adjustHue},
  ];
  return (sample, random) => {
    // All is drawn in any case, so that one strength does not change what another does.
    const order = random.shuffle(Int32Array.from(steps.keys()));
    const draws = steps.map(() => random.next());
    let image: Image = sample.image;
    for (const step of order) {
      const {interval, adjust} = steps[step];
      if (!interval) continue;
      image = adjust(image, interval[0] + draws[step] * (interval[1] - interval[0]));
    }
    return image === sample.image ? sample : {...sample, image};
  };
}

function factors(name: string, strength: Strength): readonly [number, number] | undefined {
  if (strength === 0) return undefined;
  if (typeof strength !== 'number') {
    checkInterval(`colorJitter: ${name}`, strength, 0);
    return strength;
  }
  checkInterval(`colorJitter: ${name}`, [0, strength], 0);
  return [Math.max(0, 1 - strength), 1 + strength];
}

function shifts(hue: Strength): readonly [number, number] | undefined {
  if (hue === 0) return undefined;
  const interval = typeof hue === 'number' ? ([-hue, hue] as const) : hue;
  checkInterval('colorJitter: hue', interval, -0.5, 0.5);
  return interval;
}
