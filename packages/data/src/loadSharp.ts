import type sharp from 'sharp';

/** sharp, loaded when the first image needs it: MNIST and CIFAR never do. @throws Error that says how to install it. */
export async function loadSharp(): Promise<typeof sharp> {
  try {
    return (await import('sharp')).default;
  } catch (cause) {
    throw new Error(`sharp, which decodes images, cannot be loaded: ${(cause as Error).message}`, {cause});
  }
}
