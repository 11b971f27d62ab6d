import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openKeyBook } from '../../source/commands/open-key-book.ts';
import { resolvePaths } from '../../source/config/paths.ts';
import { loadSettings } from '../../source/config/settings.ts';
import { newClientKey } from '../../source/credentials/key-pepper.ts';
import { unlimited } from '../../source/shared/client-key.ts';
import { useContextHome } from '../kit/command-context.ts';

const home = useContextHome();
const wanted = (name: string) => ({ name, kind: 'user', limits: unlimited, process: null }) as const;
const file = (name: string): string => join(home.path, name);

test('opens no store and makes no file before there is a key to keep', async () => {
  const book = await openKeyBook(home.context().context);
  await book.endRuns(() => true);
  await book.noteUses(new Map());
  await expect(book.revoke('ci', null)).rejects.toMatchObject({ code: 'unknown_key' });
  await expect(book.rotate('ci', newClientKey(), 0)).rejects.toMatchObject({ code: 'unknown_key' });
  expect(readdirSync(home.path).filter((name) => !name.endsWith('.lock'))).toEqual([]);
});

test('a vault that it has to make is on record, and the key only as its hash', async () => {
  const key = newClientKey();
  await (await openKeyBook(home.context().context)).create(wanted('ci'), key);
  expect(readFileSync(file('audit.log'), 'utf8')).toMatch(/"event":"vault\.created"/);
  for (const name of readdirSync(home.path)) {
    if (!statSync(file(name)).isFile()) continue;
    expect(readFileSync(file(name), 'latin1')).not.toContain(key.reveal().slice(4, 20));
    expect(statSync(file(name)).mode & 0o077).toBe(0);
  }
});

test('several at once lose no key: the others wait for the first', async () => {
  const names = ['a', 'b', 'c'];
  await Promise.all(
    names.map(async (name) =>
      (await openKeyBook(home.context().context)).create(wanted(name), newClientKey()),
    ),
  );
  const { clientKeys } = loadSettings({ paths: resolvePaths({ CCR_TUI_HOME: home.path }), env: {} });
  expect(clientKeys.map(({ name }) => name).toSorted()).toEqual(names);
  expect(new Set(clientKeys.map(({ store }) => store))).toEqual(new Set(['vault']));
});
