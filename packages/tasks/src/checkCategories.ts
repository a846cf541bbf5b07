/**
 * @param expected - None for models that do without.
 * @throws TypeError unless a dataset has the categories that the model was built for, in their order.
 */
export function checkCategories(where: string, expected: readonly string[], got: readonly string[]): void {
  if (expected.length === 0) return;
  const differs = expected.findIndex((category, i) => category !== got[i]);
  if (expected.length === got.length && differs < 0) return;
  throw new TypeError(
    `${where}: the model knows ${describe(expected)}, but the dataset has ${describe(got)}` +
      (expected.length === got.length
        ? `; the first difference is number ${differs}, ${expected[differs]} against ${got[differs]}. `
        : '. ') +
      'Use the dataset the model was trained for, or train a model for this one.',
  );
}

const describe = (categories: readonly string[]) =>
  `${categories.length} ${categories.length === 1 ? 'category' : 'categories'} (${categories.slice(0, 4).join(', ')}${categories.length > 4 ? ' …' : ''})`;
