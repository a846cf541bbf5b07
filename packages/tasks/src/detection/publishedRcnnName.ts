/**
 * The name here of a tensor in a file that torchvision published: before version 0.13 the convolutions of the pyramid,
 * of the proposals and of the mask head had shorter names.
 */
export function publishedRcnnName(name: string): string {
  return name
    .replace(/^(backbone\.fpn\.(?:inner|layer)_blocks\.\d+)\.(weight|bias)$/, '$1.0.$2')
    .replace(/^(rpn\.head\.conv)\.(weight|bias)$/, '$1.0.0.$2')
    .replace(
      /^(roi_heads\.mask_head)\.mask_fcn(\d+)\.(weight|bias)$/,
      (_, head, number, last) => `${head}.${Number(number) - 1}.0.${last}`,
    );
}
