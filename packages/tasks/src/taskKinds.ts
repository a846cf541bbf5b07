import {autoencoding} from './kinds/autoencoding.js';
import {classification} from './kinds/classification.js';
import {detection} from './kinds/detection.js';
import {instance} from './kinds/instance.js';
import {localization} from './kinds/localization.js';
import {segmentation} from './kinds/segmentation.js';
import type {TaskKind} from './kinds/taskKind.js';

/** Every kind of task, by the name that its checkpoints have. A new one is a file in `kinds/` and a line here. */
export const taskKinds = {
  classification,
  detection,
  instance,
  localization,
  segmentation,
  autoencoding,
} satisfies Record<string, TaskKind>;

/** A name in {@link taskKinds}. */
export type TaskName = keyof typeof taskKinds;

/** The task of a kind. */
export type TaskOf<K extends TaskName> = (typeof taskKinds)[K] extends TaskKind<infer T> ? T : never;

/** The kinds, where it does not matter which. */
export const allKinds: readonly TaskKind[] = Object.values(taskKinds);
