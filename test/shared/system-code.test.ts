import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { systemCode } from '../../source/shared/system-code.ts';

const thrownBy = (act: () => unknown): unknown => {
  try {
    return act();
  } catch (error) {
    return error;
  }
};

test('is the code of a system error', () => {
  expect(systemCode(thrownBy(() => readFileSync('/nonexistent/file')))).toBe('ENOENT');
});

test('is what the caller says for anything without such a code', () => {
  const numbered = Object.assign(new Error('x'), { code: 5 });
  for (const error of [new Error('x'), numbered, 'ENOENT', { code: 'ENOENT' }, null, undefined]) {
    expect([systemCode(error), systemCode(error, 'none')]).toEqual(['error', 'none']);
  }
});
