import { expect, test } from 'vitest';
import { nearest } from '../../source/config/nearest.ts';

test('the word that was probably meant: a slip of the fingers away, and no further', () => {
  expect(nearest('prot', ['port', 'host'])).toBe('port');
  expect(nearest('HOST', ['port', 'host'])).toBe('host');
  expect(nearest('banana', ['port', 'host'])).toBeNull();
  expect(nearest('port', [])).toBeNull();
});
