import { chmodSync, linkSync, mkdirSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { connect, previewConnect } from '../../source/clients/connect.ts';
import type { Secret } from '../../source/shared/secret.ts';
import { origin, ours, useConnectHome } from './connect-home.ts';

const { kept, live, revoked, at, settings, connection, on, off, read, envOf, receiptFiles, snapshot } =
  useConnectHome();

const refusals: [what: string, make: () => void, reason: RegExp][] = [
  ['broken JSON', () => writeFileSync(settings(), '{"a":'), /is not valid JSON \(line 1, column/],
  [
    'a comment',
    () => writeFileSync(settings(), '{\n// hi\n}'),
    /is not valid JSON \(line 2, column 1, a comment\)/,
  ],
  ['a list', () => writeFileSync(settings(), '[]'), /is not a JSON object/],
  [
    'an env that is a list',
    () => writeFileSync(settings(), '{"env":[]}'),
    /has an env that is not an object/,
  ],
  [
    'another encoding',
    () => writeFileSync(settings(), Buffer.from('\uFEFF{}', 'utf16le')),
    /is not UTF-8 text/,
  ],
  [
    '50 MB',
    () => {
      writeFileSync(settings(), '{}');
      truncateSync(settings(), 50_000_000);
    },
    /is too large \(48 MiB\)/,
  ],
  ['a folder', () => mkdirSync(settings()), /is a folder/],
  [
    'a read-only file',
    () => {
      writeFileSync(settings(), '{}');
      chmodSync(settings(), 0o444);
    },
    /is read-only; make it writable: chmod u\+w/,
  ],
  [
    'a second name',
    () => {
      writeFileSync(settings(), '{}');
      linkSync(settings(), at('other.json'));
    },
    /has a second name/,
  ],
  ['a link in a circle', () => symlinkSync('settings.json', settings()), /leads in a circle/],
  [
    'a link into nowhere',
    () => symlinkSync('../gone/settings.json', settings()),
    /whose folder does not exist/,
  ],
  [
    'a folder that is a link to nothing',
    () => {
      rmSync(at('claude'), { recursive: true });
      symlinkSync('gone', at('claude'));
    },
    /claude is a link to nothing/,
  ],
  [
    'a file where the folder should be',
    () => {
      rmSync(at('claude'), { recursive: true });
      writeFileSync(at('claude'), '');
    },
    /cannot be reached \(ENOTDIR\)/,
  ],
];

describe('what cannot be edited', () => {
  test.each(refusals)('%s: refused by name, nothing written, no key made', async (_, make, reason) => {
    make();
    const before = snapshot();
    for (const attempt of [() => on(), () => previewConnect({ ...connection(), origin })]) {
      const error: unknown = await attempt().catch((error: unknown) => error);
      expect(error).toMatchObject({ code: 'failed', exitCode: 1 });
      const [line = ''] = (error as { lines: string[] }).lines;
      expect(line).toMatch(reason);
      expect(line).toContain(at());
    }
    expect(snapshot()).toBe(before);
    expect(receiptFiles()).toEqual([]);
    expect(kept).toEqual([]);
  });

  test('a receipt that nobody can read stops everything', async () => {
    await on();
    const [file = ''] = receiptFiles();
    for (const text of ['', '{}', '{"version":2}', 'null', '[]']) {
      writeFileSync(at('ccr', 'receipts', file), text);
      await expect(on()).rejects.toThrow(/the receipt .* cannot be read/);
      await expect(off()).rejects.toThrow(/the receipt .* cannot be read/);
    }
    expect(envOf()).toEqual(ours);
  });

  test('a key that cannot be made leaves everything as it was', async () => {
    writeFileSync(settings(), '{}');
    const keepKey = async (): Promise<void> => {
      throw new Error('no');
    };
    await expect(connect({ ...connection(), origin, keepKey })).rejects.toThrow('no');
    expect(read()).toBe('{}');
    expect(receiptFiles()).toEqual([]);
  });

  test('a key that can neither be kept nor taken back leaves a receipt, by which disconnect ends it', async () => {
    writeFileSync(settings(), '{}');
    const keepKey = async (name: string, key: Secret): Promise<void> => {
      await connection().keepKey(name, key);
      throw new Error('cut off');
    };
    const revoke = async (): Promise<void> => {
      throw new Error('cut off, too');
    };
    await expect(connect({ ...connection(), origin, keepKey, revoke })).rejects.toThrow(/^cut off$/);
    expect(read()).toBe('{}');
    expect([...live.keys()]).toEqual(['claude-code']);
    expect(await off()).toMatchObject({ undone: 'nothing' });
    expect([...live.keys(), ...receiptFiles()]).toEqual([]);
  });

  test('a file that changes while the key is kept is not overwritten, and the key is taken back', async () => {
    writeFileSync(settings(), '{}');
    const keepKey = async (): Promise<void> => writeFileSync(settings(), '{"theirs":1}');
    await expect(connect({ ...connection(), origin, keepKey })).rejects.toMatchObject({ code: 'locked' });
    expect(read()).toBe('{"theirs":1}');
    expect(receiptFiles()).toEqual([]);
    expect(revoked).toEqual(['claude-code']);
  });
});
