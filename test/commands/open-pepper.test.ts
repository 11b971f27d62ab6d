import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openPepper } from '../../source/commands/open-pepper.ts';
import { newClientKey } from '../../source/credentials/key-pepper.ts';
import { useContextHome } from '../kit/command-context.ts';

const home = useContextHome();
const open = () => openPepper(home.context().context);

test('makes nothing before it is asked for a hash; a vault that it then makes is on record', async () => {
  const pepper = await open();
  expect(await pepper.load('vault')).toBeNull();
  expect(readdirSync(home.path)).toEqual([]);
  await pepper.hash(newClientKey(), { store: null, inUse: false });
  expect(readFileSync(join(home.path, 'audit.log'), 'utf8')).toMatch(/"event":"vault\.created"/);
});

test('is the same for every command of this home, and of no other', async () => {
  const key = newClientKey();
  const { hash, store } = await (await open()).hash(key, { store: null, inUse: false });
  expect(store).toBe('vault');
  expect((await (await open()).hash(key, { store, inUse: true })).hash).toBe(hash);
  const elsewhere = home.context({ env: { CCR_TUI_HOME: join(home.path, 'other') } });
  const other = await openPepper(elsewhere.context);
  expect((await other.hash(key, { store: null, inUse: false })).hash).not.toBe(hash);
});
