import type {Module} from '@foveal/core';

/** Runs `f` with the model in evaluation mode, and leaves each of its parts in the mode that it was in. */
export function evaluating<T>(model: Module, f: () => T): T {
  const modes = [...model.namedModules()].map(([, module]) => [module, module.training] as const);
  model.eval();
  try {
    return f();
  } finally {
    for (const [module, training] of modes) module.training = training;
  }
}
