import type {Preprocess} from '@foveal/core';

/** How often a classifier is right, in percent. */
export interface ClassAccuracy {
  top1: number;
  top5?: number;
}

/** Published weights: where they are, what they reach, and what they expect. Nothing is loaded by naming them. */
export interface WeightsRecord<Metrics = ClassAccuracy> {
  url: string;
  /** The first digits of the file's SHA-256, in hexadecimal, as many as its publisher names. */
  sha256: string;
  /** Trainable values of the model that they are for. */
  parameters: number;
  /** Published accuracy in percent by dataset; empty where there is none. */
  metrics: Readonly<Record<string, Metrics>>;
  preprocess: Preprocess;
  /** What the outputs stand for, in which order. */
  categories: string;
  licence: string;
}

/** Weights by model, then by version. */
export type WeightsTable = Readonly<Record<string, Readonly<Record<string, WeightsRecord>>>>;
