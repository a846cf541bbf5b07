const counts = ['images', 'objects', 'pixels'];

/** The figures of a validation that say how good a model is, not over how much. */
export const metricsToFollow = (validation: unknown): [name: string, value: number][] =>
  Object.entries((validation ?? {}) as Record<string, unknown>).filter(
    (entry): entry is [string, number] => typeof entry[1] === 'number' && !counts.includes(entry[0]),
  );
