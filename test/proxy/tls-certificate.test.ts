import { mkdirSync, renameSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SecureContextOptions } from 'node:tls';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { temporaryHome, type TemporaryHome } from '../kit/temporary-home.ts';
import { certificate, putPair } from '../kit/tls-files.ts';
import { keepCertificate } from '../../source/proxy/tls-certificate.ts';
import { asEpoch } from '../../source/shared/types.ts';

let home: TemporaryHome;
beforeEach(async () => {
  home = await temporaryHome();
});
afterEach(() => home.remove());

const [first, second] = await Promise.all([certificate(), certificate()]);

const start = async (files = putPair(home.path, first)) => {
  const given: string[] = [];
  const logged: string[] = [];
  let now = Date.now();
  const kept = keepCertificate(
    { setSecureContext: ({ cert }: SecureContextOptions) => void given.push(String(cert)) },
    {
      files,
      clock: { now: () => asEpoch(now) },
      log: (level, text) => logged.push(`${level}: ${text}`),
    },
  );
  await kept.load();
  const pass = (days: number): void => {
    now += days * 86_400_000;
  };
  return { kept, given, logged, pass, files };
};

describe('the certificate of a port', () => {
  test('is given to the server, and not again while the files stay as they are', async () => {
    const { kept, given, logged } = await start();
    for (let n = 0; n < 5; n += 1) await kept.look();
    expect([given, logged]).toEqual([[first.cert], []]);
  });

  test('is taken over when both files are new, and that is said', async () => {
    const { kept, given, logged } = await start();
    putPair(home.path, second);
    await kept.look();
    expect(given).toEqual([first.cert, second.cert]);
    expect(logged).toEqual(['info: the TLS certificate was read again']);
  });

  test('whose files are replaced one after the other is never a mix, and no error', async () => {
    const { kept, given, logged, files } = await start();
    writeFileSync(files.cert, second.cert);
    await kept.look();
    expect(given).toEqual([first.cert]);
    writeFileSync(files.key, second.key);
    await kept.look();
    expect(given).toEqual([first.cert, second.cert]);
    expect(logged).toEqual(['info: the TLS certificate was read again']);
  });

  test('serves on while the new file is broken, which is said once, until there is a good one', async () => {
    const { kept, given, logged, files } = await start();
    writeFileSync(files.cert, 'noise');
    for (let n = 0; n < 5; n += 1) await kept.look();
    expect(given).toEqual([first.cert]);
    expect(logged).toEqual([
      expect.stringMatching(/^error: the new TLS certificate is not used, .*no certificate/),
    ]);
    unlinkSync(files.cert);
    for (let n = 0; n < 5; n += 1) await kept.look();
    expect(logged).toHaveLength(2);
    putPair(home.path, second);
    await kept.look();
    expect(given).toEqual([first.cert, second.cert]);
  });

  test('is found behind a link that is turned', async () => {
    for (const [name, pair] of [
      ['1', first],
      ['2', second],
    ] as const) {
      mkdirSync(join(home.path, name));
      putPair(join(home.path, name), pair);
    }
    symlinkSync(join(home.path, '1'), join(home.path, 'live'));
    const files = { cert: join(home.path, 'live', 'cert.pem'), key: join(home.path, 'live', 'key.pem') };
    const { kept, given } = await start(files);
    symlinkSync(join(home.path, '2'), join(home.path, 'next'));
    renameSync(join(home.path, 'next'), join(home.path, 'live'));
    await kept.look();
    expect(given).toEqual([first.cert, second.cert]);
  });

  test('that nears its end is named once, a week before', async () => {
    const { kept, logged, pass } = await start();
    pass(22);
    await kept.look();
    expect(logged).toEqual([]);
    pass(2);
    for (let n = 0; n < 3; n += 1) await kept.look();
    expect(logged).toEqual([
      expect.stringMatching(/^warning: the TLS certificate ends on \d{4}-\d\d-\d\d; put a new one/),
    ]);
  });

  test('that is no good pair is an error before anything is given to the server', async () => {
    await expect(start(putPair(home.path, { ...first, key: second.key }))).rejects.toMatchObject({
      code: 'failed',
    });
  });
});
