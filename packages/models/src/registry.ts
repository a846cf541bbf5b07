import type {Preprocess, Random} from '@foveal/core';
import type {Backbone} from './backbone.js';
import {leNet5} from './leNet.js';
import {resNet18, resNet34, resNet50, resNet101, resNet152} from './resNet.js';
import {resNet20, resNet32, resNet44, resNet56, resNet110} from './resNetCifar.js';
import {cifarEval, imageNetEval, mnistEval} from './weights/preprocessing.js';

/** What is known of a model before it is built. */
export interface ModelRecord {
  /** Makes it; `random` is where its parameters start from. */
  build(options?: {numClasses?: number; random?: Random}): Backbone;
  /** Where it comes from. */
  paper: string;
  /** Trainable values at its default number of classes. */
  parameters: number;
  /** Classes by default. */
  numClasses: number;
  /** What it expects of its input, unless a checkpoint says otherwise. */
  preprocess: Preprocess;
}

const resNetPaper = 'He et al. 2015, arXiv:1512.03385';
const cifar = {paper: `${resNetPaper}, section 4.2`, numClasses: 10, preprocess: cifarEval};
const imageNet = {paper: `${resNetPaper}, table 1`, numClasses: 1000, preprocess: imageNetEval};

/** Every model by its name on the command line. */
export const models = {
  lenet5: {
    build: leNet5,
    paper: 'LeCun et al. 1998, Proc. IEEE',
    parameters: 61_706,
    numClasses: 10,
    preprocess: mnistEval,
  },
  resnet20: {build: resNet20, parameters: 269_722, ...cifar},
  resnet32: {build: resNet32, parameters: 464_154, ...cifar},
  resnet44: {build: resNet44, parameters: 658_586, ...cifar},
  resnet56: {build: resNet56, parameters: 853_018, ...cifar},
  resnet110: {build: resNet110, parameters: 1_727_962, ...cifar},
  resnet18: {build: resNet18, parameters: 11_689_512, ...imageNet},
  resnet34: {build: resNet34, parameters: 21_797_672, ...imageNet},
  resnet50: {build: resNet50, parameters: 25_557_032, ...imageNet},
  resnet101: {build: resNet101, parameters: 44_549_160, ...imageNet},
  resnet152: {build: resNet152, parameters: 60_192_808, ...imageNet},
} satisfies Record<string, ModelRecord>;

/** A name in {@link models}. */
export type ModelName = keyof typeof models;
