import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { claudeCodeFile, credentialsFile } from '../../source/credentials/claude-code-file.ts';
import { temporaryFolders } from '../kit/temporary-folders.ts';

const newFolder = temporaryFolders('claude-file');
let folder = '';
beforeEach(() => {
  folder = newFolder();
});
const put = (text: string, mode = 0o600): void => writeFileSync(credentialsFile(folder), text, { mode });
const text = (): string => readFileSync(credentialsFile(folder), 'utf8');

/** Root may write everywhere: what it must not be able to, it does as the user nobody. */
const asAnybody = async (work: () => Promise<void>): Promise<void> => {
  if (process.getuid?.() !== 0) return work();
  process.seteuid?.(65_534);
  try {
    await work();
  } finally {
    process.seteuid?.(0);
  }
};

describe('the credentials file of Claude Code', () => {
  test('is read anew each time, and null when there is none', async () => {
    const file = claudeCodeFile(folder);
    expect(await file.read()).toBeNull();
    put('one');
    expect(await file.read()).toBe('one');
    put('two');
    expect(await file.read()).toBe('two');
  });

  test('is replaced in one step with its mode, and nothing is left beside it', async () => {
    put('one', 0o600);
    chmodSync(credentialsFile(folder), 0o640);
    // What a killed write of ours left there goes with the next one.
    writeFileSync(`${credentialsFile(folder)}.tmp-0123456789abcdef`, 'left');
    const { ino } = statSync(credentialsFile(folder));
    expect(await claudeCodeFile(folder).replace('one', 'two')).toBe(true);
    expect(text()).toBe('two');
    expect(statSync(credentialsFile(folder)).mode & 0o777).toBe(0o640);
    expect(statSync(credentialsFile(folder)).ino).not.toBe(ino);
    expect(readdirSync(folder)).toEqual(['.credentials.json']);
  });

  test('is not replaced when something else stands there, and never made anew', async () => {
    put('three');
    expect(await claudeCodeFile(folder).replace('one', 'two')).toBe(false);
    expect(text()).toBe('three');
    rmSync(credentialsFile(folder));
    expect(await claudeCodeFile(folder).replace('one', 'two')).toBe(false);
    expect(readdirSync(folder)).toEqual([]);
  });

  test('behind a symbolic link: what the link leads to is replaced, the link stays', async () => {
    const elsewhere = join(newFolder(), 'elsewhere');
    writeFileSync(elsewhere, 'one');
    symlinkSync(elsewhere, credentialsFile(folder));
    expect(await claudeCodeFile(folder).replace('one', 'two')).toBe(true);
    expect(readFileSync(elsewhere, 'utf8')).toBe('two');
    expect(readlinkSync(credentialsFile(folder))).toBe(elsewhere);
  });

  test('a folder or too large a file in its place is said', async () => {
    mkdirSync(credentialsFile(folder));
    const refused = { code: 'store_unavailable' };
    await expect(claudeCodeFile(folder).read()).rejects.toMatchObject(refused);
    rmSync(credentialsFile(folder), { recursive: true });
    put('x'.repeat(4 * 1024 * 1024 + 1));
    await expect(claudeCodeFile(folder).read()).rejects.toMatchObject(refused);
    writeFileSync(credentialsFile(folder), Buffer.from([0x7b, 0xff, 0x7d]));
    await expect(claudeCodeFile(folder).read()).rejects.toMatchObject(refused);
  });

  test('one that cannot be written stays as it is, and that is said', async () => {
    put('one', 0o644);
    chmodSync(dirname(folder), 0o711);
    chmodSync(folder, 0o555);
    await asAnybody(async () => {
      const asked = claudeCodeFile(folder).replace('one', 'two');
      await expect(asked).rejects.toMatchObject({ code: 'store_unavailable' });
    });
    expect(text()).toBe('one');
    chmodSync(folder, 0o700);
  });
});
