// Redmon & Farhadi, "YOLOv3: An Incremental Improvement", 2018, arXiv:1804.02767, made small: two scales, 0.6 M weights.

const convolutional = (filters: number, size: number, stride = 1) => `
[convolutional]
batch_normalize=1
filters=${filters}
size=${size}
stride=${stride}
pad=1
activation=leaky
`;

const anchors = '12,20, 20,32, 30,46, 40,64, 60,84, 90,120';

const head = (mask: string) => `
[convolutional]
size=1
stride=1
pad=1
filters=18
activation=linear

[yolo]
mask=${mask}
anchors=${anchors}
classes=1
num=6
ignore_thresh=.7
iou_loss=giou
iou_normalizer=2.5
`;

/**
 * A network of one look for small images, as a darknet .cfg: maps of stride 16 and 8, boxes of about 12 to 120 pixels.
 * It is meant to be trained from nothing in minutes.
 */
export const smallYoloCfg = `[net]
width=192
height=192
channels=3
${convolutional(16, 3, 2)}${convolutional(32, 3, 2)}${convolutional(64, 3, 2)}${convolutional(64, 3)}${convolutional(128, 3, 2)}${convolutional(128, 3)}${convolutional(128, 3)}${head('3,4,5')}
[route]
layers=-3
${convolutional(64, 1)}
[upsample]
stride=2

[route]
layers=-1,3
${convolutional(96, 3)}${head('0,1,2')}`;
