import * as tf from '@tensorflow/tfjs-core';

/** What tfjs's convolution kernels take; those of gradients take no dilations. */
export type ConvolutionAttrs = Omit<tf.Conv2DAttrs, 'dilations' | 'dataFormat'> &
  Partial<Pick<tf.Conv2DAttrs, 'dilations' | 'dataFormat'>>;

export type ConvolutionInfo = tf.backend_util.Conv2DInfo;

type Shape4D = [number, number, number, number];

const infoOf =
  (depthwise: boolean) =>
  (
    inputShape: number[],
    filterShape: number[],
    {strides, dilations, pad, dimRoundingMode, dataFormat}: ConvolutionAttrs,
  ): ConvolutionInfo =>
    tf.backend_util.computeConv2DInfo(
      inputShape as Shape4D,
      filterShape as Shape4D,
      strides,
      dilations ?? 1,
      sides(pad),
      dimRoundingMode,
      depthwise,
      tf.backend_util.convertConv2DDataFormat(dataFormat ?? 'NHWC'),
    );

/** Given as one number, tfjs takes the height of the window for its width as well; given side by side, it does not. */
export const sides = <Pad>(pad: Pad): Pad | tf.backend_util.ExplicitPadding =>
  typeof pad === 'number'
    ? [
        [0, 0],
        [pad, pad],
        [pad, pad],
        [0, 0],
      ]
    : pad;

export const convolutionInfo = infoOf(false);
export const depthwiseInfo = infoOf(true);

/** Strides, padding, dilations and groups, as the native operators take them last. */
export function geometry(info: ConvolutionInfo, channelsPerGroup: number) {
  const {strideHeight, strideWidth, dilationHeight, dilationWidth, inChannels} = info;
  return [
    [strideHeight, strideWidth],
    explicitPadding(info),
    [dilationHeight, dilationWidth],
    inChannels / channelsPerGroup,
  ] as const;
}

/** The zeros that make exactly the output tfjs asks for: rounding up may need more below and to the right. */
function explicitPadding(info: ConvolutionInfo): number[] {
  const {padInfo, outHeight, outWidth, strideHeight, strideWidth, inHeight, inWidth} = info;
  const {top, left} = padInfo;
  const bottom = (outHeight - 1) * strideHeight + info.effectiveFilterHeight - top - inHeight;
  const right = (outWidth - 1) * strideWidth + info.effectiveFilterWidth - left - inWidth;
  return [top, Math.max(bottom, padInfo.bottom), left, Math.max(right, padInfo.right)];
}
