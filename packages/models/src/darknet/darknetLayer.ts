/** Functions after a convolution or a shortcut, by darknet's names. */
export const activations = [
  'linear',
  'leaky',
  'relu',
  'relu6',
  'mish',
  'swish',
  'logistic',
  'tanh',
  'elu',
] as const;
export type Activation = (typeof activations)[number];

/** How the overlap of boxes enters a loss; `mse` compares coordinates. */
export const boxLosses = ['mse', 'iou', 'giou', 'diou', 'ciou'] as const;
export type BoxLoss = (typeof boxLosses)[number];

interface At {
  /** Of the section in the file, from 1. */
  line: number;
}

export interface ConvolutionalLayer extends At {
  type: 'convolutional';
  filters: number;
  size: number;
  stride: number;
  padding: number;
  dilation: number;
  groups: number;
  batchNormalize: boolean;
  activation: Activation;
}

export interface ConnectedLayer extends At {
  type: 'connected';
  output: number;
  batchNormalize: boolean;
  activation: Activation;
}

export interface MaxPoolLayer extends At {
  type: 'maxpool';
  size: number;
  stride: number;
  /** Of both sides together. */
  padding: number;
}

export interface AvgPoolLayer extends At {
  type: 'avgpool';
}

export interface DropoutLayer extends At {
  type: 'dropout';
  probability: number;
}

/** Adds the output of another layer. */
export interface ShortcutLayer extends At {
  type: 'shortcut';
  /** Number of the layer, absolute. */
  from: number;
  activation: Activation;
}

/** Lays the channels of layers side by side. */
export interface RouteLayer extends At {
  type: 'route';
  /** Numbers of the layers, absolute. */
  layers: number[];
  /** Of so many equal parts of each layer's channels … */
  groups: number;
  /** … this one is taken. */
  group: number;
}

export interface UpsampleLayer extends At {
  type: 'upsample';
  stride: number;
  scale: number;
}

export interface ReorgLayer extends At {
  type: 'reorg';
  stride: number;
}

export interface SoftmaxLayer extends At {
  type: 'softmax';
  temperature: number;
}

/** YOLO version 3: boxes by anchors in pixels, and a logistic score for each class. */
export interface YoloLayer extends At {
  type: 'yolo';
  classes: number;
  /** All anchors of the network, `[width, height]` in pixels of its input. */
  anchors: [number, number][];
  /** Which of them this layer predicts. */
  mask: number[];
  /** From this overlap with an object, a box is not told that it is none. */
  ignoreThresh: number;
  /** From this overlap of shapes, further anchors learn an object, too. */
  iouThresh: number;
  scaleXY: number;
  boxLoss: BoxLoss;
  iouNormalizer: number;
  classNormalizer: number;
  objectNormalizer: number;
  labelSmoothing: number;
  /** Overlap from which the lesser of two boxes is left out. */
  betaNms: number;
}

/** YOLO version 2: boxes by anchors in cells, and one softmax over the classes. */
export interface RegionLayer extends At {
  type: 'region';
  classes: number;
  /** `[width, height]` in cells. */
  anchors: [number, number][];
  softmax: boolean;
  biasMatch: boolean;
  rescore: boolean;
  thresh: number;
  objectScale: number;
  noObjectScale: number;
  classScale: number;
  coordScale: number;
}

/** YOLO version 1: a grid of cells, each with class scores and a few boxes. */
export interface DetectionLayer extends At {
  type: 'detection';
  classes: number;
  /** Cells along each side. */
  side: number;
  /** Boxes a cell. */
  num: number;
  /** Whether widths and heights are given as their roots. */
  sqrt: boolean;
  softmax: boolean;
  rescore: boolean;
  objectScale: number;
  noObjectScale: number;
  classScale: number;
  coordScale: number;
}

/** What a network predicts boxes by. */
export type HeadLayer = YoloLayer | RegionLayer | DetectionLayer;

export type DarknetLayer =
  | ConvolutionalLayer
  | ConnectedLayer
  | MaxPoolLayer
  | AvgPoolLayer
  | DropoutLayer
  | ShortcutLayer
  | RouteLayer
  | UpsampleLayer
  | ReorgLayer
  | SoftmaxLayer
  | HeadLayer;

/** The input of a network: the `[net]` of its file. */
export interface DarknetInput {
  width: number;
  height: number;
  channels: number;
}

/** A network as its `.cfg` describes it. */
export interface DarknetCfg {
  /** For messages. */
  file: string;
  net: DarknetInput;
  layers: DarknetLayer[];
}
