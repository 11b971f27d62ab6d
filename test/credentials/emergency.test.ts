import { existsSync, readFileSync, statSync } from 'node:fs';
import { expect, test } from 'vitest';
import { openEmergency, removeEverywhere } from '../../source/credentials/emergency.ts';
import type { AccountId } from '../../source/shared/types.ts';
import { heldOf, loginOf, loginPlace } from './login-place.ts';

const account = 'id-work' as AccountId;
const grant = { accessToken: 'sk-ant-oat01-marker', refreshToken: 'sk-ant-ort01-marker' };

test('a login that its store did not take is found by whoever opens it next, until it is cleared', async () => {
  const { paths, emergency } = await loginPlace();
  expect(await emergency.read(account)).toBeNull();
  await emergency.clear(account);
  expect(existsSync(paths.emergency)).toBe(false);
  await emergency.write(account, { login: loginOf(grant, 1_790_000_000_000), replaces: 'abc' });
  const found = await openEmergency(paths).read(account);
  expect(found?.replaces).toBe('abc');
  expect(heldOf(found?.login ?? null)).toEqual({ ...grant, expiresAt: 1_790_000_000_000 });
  expect(found?.login.scopes).toEqual(['user:inference']);
  await emergency.clear(account);
  expect(await openEmergency(paths).read(account)).toBeNull();
});

test('it is encrypted, and for its owner alone', async () => {
  const { paths, emergency } = await loginPlace();
  await emergency.write(account, { login: loginOf(grant, null), replaces: 'abc' });
  expect(readFileSync(paths.emergency).toString('latin1')).not.toContain('marker');
  for (const path of [paths.emergency, paths.emergencyKey]) expect(statSync(path).mode & 0o777).toBe(0o600);
});

test('it goes with the account, also when the store does not answer', async () => {
  const { paths, emergency, keeper } = await loginPlace();
  const spilled = { login: loginOf(grant, null), replaces: 'abc' };
  await emergency.write(account, spilled);
  await removeEverywhere(keeper, paths)(account, 'vault');
  expect(await emergency.read(account)).toBeNull();
  await emergency.write(account, spilled);
  const silent = { remove: () => Promise.reject(new Error('locked')) };
  await expect(removeEverywhere(silent, paths)(account, 'vault')).rejects.toThrow('locked');
  expect(await emergency.read(account)).toBeNull();
});
