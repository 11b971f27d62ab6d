import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { resolvePaths } from '../../source/config/paths.ts';
import { createCaptureKeys, type CaptureKeys } from '../../source/credentials/capture-key.ts';
import { createSecretKeeper } from '../../source/credentials/secret-keeper.ts';
import { temporaryHome, type TemporaryHome } from '../kit/temporary-home.ts';

let home: TemporaryHome;
beforeEach(async () => {
  home = await temporaryHome();
});
afterEach(() => home.remove());

const open = (preference: 'vault' | 'memory' | 'auto' = 'vault'): CaptureKeys => {
  const paths = resolvePaths({ CCR_TUI_HOME: home.path });
  return createCaptureKeys({ keeper: createSecretKeeper({ paths, preference }), preference });
};

it('is made once, found again by the next process, and stands in no file', async () => {
  const first = await open().loadOrMake(null);
  expect(first.key).toHaveLength(32);
  expect(first.notice).toContain('vault');
  const again = await open().loadOrMake('vault');
  expect(again).toEqual({ key: first.key, notice: null });
  // Also where accounts have not decided on a store, or have gone since.
  expect((await open('auto').loadOrMake('vault')).key).toEqual(first.key);
  for (const name of readdirSync(home.path)) {
    const bytes = readFileSync(join(home.path, name));
    expect(bytes.includes(first.key) || bytes.includes(first.key.toString('base64'))).toBe(false);
  }
});

it('is one, also when it is asked for again before it is made', async () => {
  const keys = open();
  const made = await Promise.all([1, 2, 3].map(() => keys.loadOrMake(null)));
  const stored = (await open().loadOrMake('vault')).key;
  expect(made.map(({ key }) => key)).toEqual([stored, stored, stored]);
  expect(made.map(({ notice }) => notice === null)).toEqual([false, true, true]);
});

it('is not made where nobody could read a capture later', async () => {
  await expect(open('memory').loadOrMake(null)).rejects.toMatchObject({ code: 'store_unavailable' });
});

it('is found by what it is, and what else does not answer is said', async () => {
  const { key } = await open().loadOrMake(null);
  expect(await open().find((each) => each.equals(key))).toEqual({ key, problems: [] });
  const other = await open().find(() => false);
  expect(other.key).toBeNull();
});

it('a vault that cannot be read is said, and nothing is made in its place', async () => {
  await open().loadOrMake(null);
  const { vault } = resolvePaths({ CCR_TUI_HOME: home.path });
  const { writeFileSync, rmSync } = await import('node:fs');
  for (const name of readdirSync(home.path)) if (name.includes('.bak')) rmSync(join(home.path, name));
  writeFileSync(vault, 'CCRVAULTbroken');
  await expect(open().loadOrMake('vault')).rejects.toMatchObject({ code: 'vault_damaged' });
  const { key, problems } = await open().find(() => true);
  expect(key).toBeNull();
  expect(problems.join()).toContain('vault');
});
