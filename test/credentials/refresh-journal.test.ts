import { execFileSync } from 'node:child_process';
import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openRefreshJournal, pruneJournal } from '../../source/credentials/refresh-journal.ts';
import { killedWriter } from '../kit/killed-writer.ts';
import { inRun } from '../kit/long-run.ts';
import { asEpoch, type AccountId } from '../../source/shared/types.ts';

const account = 'id-work' as AccountId;
const at = asEpoch(1_790_000_000_000);

const place = () => {
  const root = mkdtempSync(join(tmpdir(), 'ccr-journal-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const folder = join(root, 'journal');
  return { root, folder, file: join(folder, 'id-work.json'), journal: openRefreshJournal(folder) };
};

test('what began and has no end is known to whoever opens it next', async () => {
  const { folder, file, journal } = place();
  expect(journal.pending(account)).toBeNull();
  await journal.begin(account, 'abc', at);
  expect(openRefreshJournal(folder).pending(account)).toBe('abc');
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({ account, fingerprint: 'abc', startedAt: at });
  await journal.begin(account, 'def', at);
  expect(journal.pending(account)).toBe('def');
  await journal.end(account);
  await journal.end(account);
  expect(journal.pending(account)).toBeNull();
});

test(
  'killed at any moment, an entry is the old one or the new one, and nothing is left in the way',
  async () => {
    const { folder, journal } = place();
    const source = new URL('../../source/credentials/refresh-journal.ts', import.meta.url).href;
    const body = `
    const { openRefreshJournal } = await import(${JSON.stringify(source)});
    const journal = openRefreshJournal(${JSON.stringify(folder)});
    for (let n = 1; ; n += 1) { await journal.begin('id-work', String(n), 1); console.log(n); }`;
    for (let round = 0; round < inRun(4, 50); round += 1) {
      const args = ['--input-type=module', '-e', body];
      const last = await killedWriter(args, 2 + (round % 8));
      expect([`${last}`, `${last + 1}`]).toContain(journal.pending(account));
    }
    await journal.begin(account, 'abc', at);
    expect(readdirSync(folder)).toEqual(['id-work.json']);
  },
  inRun(60_000, 480_000),
);

test('its files are for their owner alone, whatever the umask', async () => {
  const { folder, file, journal } = place();
  const umask = process.umask(0);
  try {
    await journal.begin(account, 'abc', at);
  } finally {
    process.umask(umask);
  }
  expect([statSync(folder).mode & 0o777, statSync(file).mode & 0o777]).toEqual([0o700, 0o600]);
});

test('a torn entry counts as one of which nothing is known', async () => {
  const { file, journal } = place();
  await journal.begin(account, 'abc', at);
  for (const text of ['', '{"fingerp', '[]', '{}']) {
    writeFileSync(file, text);
    expect(journal.pending(account)).toBe('');
  }
});

test('a link or a FIFO in its place is neither followed nor waited for', async () => {
  const { root, file, journal } = place();
  const other = join(root, 'other');
  writeFileSync(other, 'theirs');
  await journal.begin(account, 'abc', at);
  rmSync(file);
  symlinkSync(other, file);
  expect(journal.pending(account)).toBe('');
  await journal.begin(account, 'abc', at);
  expect(readFileSync(other, 'utf8')).toBe('theirs');
  rmSync(file);
  execFileSync('mkfifo', [file]);
  expect(journal.pending(account)).toBe('');
  await journal.begin(account, 'abc', at);
  expect(journal.pending(account)).toBe('abc');
});

test('a folder that cannot be made is told, not passed over', async () => {
  const { root, folder, journal } = place();
  writeFileSync(folder, 'in the way');
  await expect(journal.begin(account, 'abc', at)).rejects.toThrow('is not a folder');
  expect(readdirSync(root)).toEqual(['journal']);
});

test('entries of accounts that are no more go, and nothing else', async () => {
  const { folder, journal } = place();
  await pruneJournal(folder, new Set());
  await journal.begin(account, 'abc', at);
  await journal.begin('id-gone' as AccountId, 'abc', at);
  const ofGone = 'id-gone.json.tmp-0123456789abcdef';
  for (const name of ['note.txt', 'note.txt.tmp-0123456789abcdef', ofGone])
    writeFileSync(join(folder, name), 'theirs');
  await pruneJournal(folder, new Set([account]));
  expect(readdirSync(folder).toSorted()).toEqual([
    'id-work.json',
    'note.txt',
    'note.txt.tmp-0123456789abcdef',
  ]);
});
