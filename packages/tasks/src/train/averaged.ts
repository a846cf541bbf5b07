import type {Ema} from '@foveal/core';

/** Does work with the averages in the model, where there are any, and puts the weights back. */
export async function averaged<T>(ema: Ema | undefined, work: () => Promise<T>): Promise<T> {
  ema?.swap();
  try {
    return await work();
  } finally {
    ema?.swap();
  }
}
