import {readFileSync} from 'node:fs';
import test from 'ava';

/** What a package's barrel exports, types too. */
function exported(name: string): string[] {
  const text = readFileSync(new URL(`../../${name}/src/index.ts`, import.meta.url), 'utf8');
  return [...text.matchAll(/^export (?:type )?\{([^}]*)\}/gm)].flatMap(([, names]) =>
    names
      .split(',')
      .map(name => name.trim().replace(/^type |^.* as /g, ''))
      .filter(Boolean),
  );
}

test('no two packages export the same name: who imports from several has no clash', t => {
  const owners = new Map<string, string[]>();
  for (const name of ['core', 'data', 'models', 'tasks']) {
    const names = exported(name);
    t.true(names.length > 50, `${name}: ${names.length} names`);
    for (const one of new Set(names)) owners.set(one, [...(owners.get(one) ?? []), name]);
  }
  t.deepEqual(
    [...owners].filter(([, packages]) => packages.length > 1),
    [],
  );
});
