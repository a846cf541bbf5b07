import type sharp from 'sharp';

let loaded: typeof sharp | undefined;

/** sharp, loaded when the first image needs it: MNIST and CIFAR never do. @throws Error that says how to install it. */
export async function loadSharp(): Promise<typeof sharp> {
  // An import of what is there already takes a tenth as long as decoding a photo.
  if (loaded) return loaded;
  try {
    loaded = (await import('sharp')).default;
    return loaded;
  } catch (cause) {
    throw new Error(`sharp, which decodes images, cannot be loaded: ${(cause as Error).message}`, {cause});
  }
}
