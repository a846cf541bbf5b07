import type {Dataset} from '@foveal/data';
import type {TaskKind} from '../kinds/taskKind.js';
import type {AnyTask} from '../task.js';
import type {Augment} from '../train/dataOrder.js';
import {knownName} from './usageError.js';

/** What `--augment` may name for a kind of task, for the help. */
export const augmentHelp = ({augmentations}: TaskKind): string =>
  `change training images: none, or some of these with commas between them: ${Object.entries(augmentations)
    .map(([name, {about}]) => `${name} (${about})`)
    .join(', ')}`;

/** The names in `--augment`. @throws UsageError with the nearest name if the kind has none of that name. */
export function augmentNames(text: string, {augmentations}: TaskKind): string[] {
  if (text === 'none') return [];
  const names = Object.keys(augmentations);
  return text.split(',').map(name => {
    knownName('augmentation', name.trim(), ['none', ...names]);
    return name.trim();
  });
}

/** Makes the changes of training images, one after another; undefined if there are none. */
export async function makeAugment(
  names: readonly string[],
  kind: TaskKind,
  dataset: Dataset,
  task: AnyTask,
): Promise<Augment | undefined> {
  const steps: Augment[] = [];
  for (const name of names)
    if (name !== 'none') steps.push(await kind.augmentations[name].make(dataset, task));
  if (steps.length < 2) return steps[0];
  return async (sample, random) => {
    let changed = sample;
    for (const step of steps) changed = await step(changed, random);
    return changed;
  };
}
