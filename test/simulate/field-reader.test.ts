import { expect, test } from 'vitest';
import { createFieldReader } from '../../source/simulate/field-reader.ts';

test('what fits is what it reads, and nothing is told', () => {
  const read = createFieldReader('a.json');
  const fields = { count: 3, share: 0.5, names: ['x'], inner: { a: 1 } };
  expect(read.number(fields, 'count', { whole: true })).toBe(3);
  expect(read.number(fields, 'share')).toBe(0.5);
  expect(read.list(fields, 'names')).toEqual(['x']);
  expect(read.object(fields.inner, 'inner')).toEqual({ a: 1 });
  expect(() => read.done()).not.toThrow();
});

test('what does not fit is told together, in one line, safe on a terminal', () => {
  const read = createFieldReader('a.json');
  read.number({ count: Number.NaN }, 'count', { where: 'x.' });
  read.list({}, 'names');
  read.misfit('\u001B[2J\n', 'a name');
  expect(() => read.done()).toThrow(
    /^a\.json: x\.count: wanted a number, not below 0; names: wanted a list; \\x1b\[2J\\n: wanted a name$/,
  );
});

test('of very many the first are named, and the others counted', () => {
  const read = createFieldReader('a.json');
  for (let at = 0; at < 500; at += 1) read.misfit(`rows[${at}]`, 'a row');
  expect(() => read.done()).toThrow(/rows\[19\]: wanted a row; and 480 more$/);
});
