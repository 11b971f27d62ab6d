import { listOf, shown, wrong, type Check } from './checks.ts';

/** A model's name, or a pattern of names in which `*` stands for any text. */
export const modelPattern: Check<string> = {
  parse: (value) =>
    typeof value === 'string' && /^[\x21-\x2b\x2d-\x7e]{1,100}$/.test(value)
      ? { ok: true, value }
      : wrong(
          `${shown(value)} is not a model pattern`,
          'use names such as claude-sonnet-*, up to 100 characters',
        ),
  fromText: (text) => text,
};

/** A list that names at least one thing: an empty one would allow nothing, which is what revoking is for. */
export const someOf = <T>(item: Check<T>): Check<readonly T[]> => {
  const list = listOf(item);
  return {
    ...list,
    parse: (value) => {
      const checked = list.parse(value);
      return checked.ok && checked.value.length === 0
        ? wrong('is an empty list', 'name at least one')
        : checked;
    },
  };
};
