import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { openDocument, type Document } from '../../source/config/document.ts';
import { resolvePaths, type Paths } from '../../source/config/paths.ts';
import { loadSettings } from '../../source/config/settings.ts';
import { editAccounts, takeOut, type AccountEdits } from '../../source/credentials/edit-accounts.ts';
import { unlimited } from '../../source/shared/client-key.ts';
import { accountRecord, keyRecord } from '../kit/records.ts';

const root = mkdtempSync(join(tmpdir(), 'ccr-edit-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

let count = 0;
let paths: Paths;
let document: Document;
let edits: AccountEdits;
const [work, home] = [accountRecord('work'), accountRecord('home')];
const settings = () => loadSettings({ paths, env: {} });

beforeEach(async () => {
  paths = resolvePaths({ CCR_TUI_HOME: join(root, `${(count += 1)}`) });
  document = openDocument(paths);
  edits = editAccounts(document);
  await document.updateAccounts(() => [work, home]);
});

describe('pausing', () => {
  test('keeps everything else, by name or by id, also twice', async () => {
    expect(await edits.setPaused('work', true)).toEqual({ ...work, paused: true });
    expect(await edits.setPaused(work.id, true)).toEqual({ ...work, paused: true });
    expect(settings().accounts).toEqual([{ ...work, paused: true }, home]);
    await edits.setPaused('work', false);
    expect(settings().accounts).toEqual([work, home]);
    await expect(edits.setPaused('nobody', true)).rejects.toMatchObject({ code: 'unknown_account' });
  });

  test('of all tells which were not so before', async () => {
    await edits.setPaused('work', true);
    expect(await edits.setAllPaused(true)).toEqual([{ ...home, paused: true }]);
    expect(settings().accounts.every(({ paused }) => paused)).toBe(true);
    expect(await edits.setAllPaused(true)).toEqual([]);
    expect((await edits.setAllPaused(false)).map(({ name }) => name)).toEqual(['work', 'home']);
    expect(settings().accounts).toEqual([work, home]);
  });
});

test('one account is preferred, or none', async () => {
  expect(await edits.prefer('work')).toEqual({ ...work, preferred: true });
  expect(await edits.prefer(home.id)).toEqual({ ...home, preferred: true });
  expect(settings().accounts).toEqual([work, { ...home, preferred: true }]);
  await expect(edits.prefer('nobody')).rejects.toMatchObject({ code: 'unknown_account' });
  expect(await edits.prefer(null)).toBeNull();
  expect(settings().accounts).toEqual([work, home]);
});

describe('renaming', () => {
  test('keeps the id and everything else, and client keys that are for the account', async () => {
    const [forWork, forAll] = [
      keyRecord('ci', { limits: { ...unlimited, accounts: ['home', 'work'] } }),
      keyRecord('any'),
    ];
    await document.updateClientKeys(() => [forWork, forAll]);
    expect(await edits.rename('work', 'office')).toEqual({ ...work, name: 'office' });
    expect(settings()).toMatchObject({
      accounts: [{ ...work, name: 'office' }, home],
      clientKeys: [
        { ...forWork, limits: { ...unlimited, accounts: ['home', 'office'] } },
        { ...forAll, limits: unlimited },
      ],
    });
  });

  test('to the name it has changes nothing; to one that is taken or no name, neither', async () => {
    const before = readFileSync(paths.config, 'utf8');
    expect(await edits.rename('work', 'work')).toEqual(work);
    await expect(edits.rename('work', 'home')).rejects.toMatchObject({ code: 'duplicate_account' });
    await expect(edits.rename('work', 'a b')).rejects.toMatchObject({ code: 'usage' });
    await expect(edits.rename('nobody', 'x')).rejects.toMatchObject({ code: 'unknown_account' });
    expect(readFileSync(paths.config, 'utf8')).toBe(before);
  });
});

test('a change is in the file when it is answered, and one that cannot be leaves the file alone', async () => {
  const nothing = { priority: null, weight: null, caps: null, models: null, baseUrl: null };
  const after = await edits.change('work', { ...nothing, priority: 3, caps: { '5h': 0.8 } });
  expect(after).toEqual({ ...work, priority: 3, caps: { '5h': 0.8 } });
  expect(settings().accounts).toEqual([after, home]);
  await expect(edits.change('work', { ...nothing, priority: 1, weight: 0 })).rejects.toMatchObject({
    code: 'usage',
  });
  expect(settings().accounts).toEqual([after, home]);
});

test('taking a record out leaves the others', async () => {
  expect(await takeOut(document, 'work')).toEqual(work);
  expect(settings().accounts).toEqual([home]);
});
