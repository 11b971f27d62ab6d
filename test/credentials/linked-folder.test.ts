import { expect, test } from 'vitest';
import { linkedFolder } from '../../source/credentials/linked-folder.ts';
import { loginFacts } from '../kit/records.ts';

test('an account is linked when its record says so, and to nothing when it is no login', () => {
  const folder = '/home/me/.claude';
  expect(linkedFolder({ login: loginFacts({ linkedTo: folder }) })).toBe(folder);
  expect(linkedFolder({ login: loginFacts() })).toBeNull();
  expect(linkedFolder({})).toBeNull();
});
