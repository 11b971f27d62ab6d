import { execFileSync, fork } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { assert, property, string } from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { auditLine, openAudit, type Audit } from '../../source/credentials/audit.ts';
import type { AuditEvent } from '../../source/shared/audit-event.ts';
import { asEpoch } from '../../source/shared/types.ts';
import { awkwardText, hostileText } from '../kit/hostile-text.ts';
import { temporaryHome, type TemporaryHome } from '../kit/temporary-home.ts';

let home: TemporaryHome;
let problems: string[];
let file: string;
beforeEach(async () => {
  home = await temporaryHome();
  problems = [];
  file = join(home.path, 'audit.log');
});
afterEach(() => home.remove());

const clock = { now: () => asEpoch(Date.UTC(2026, 0, 31, 12)) };
const opened = (maxBytes?: number): Audit =>
  openAudit({
    file,
    via: 'cli',
    clock,
    pid: 4711,
    onProblem: (text) => void problems.push(text),
    ...(maxBytes === undefined ? {} : { maxBytes }),
  });
const removed = (account: string): AuditEvent => ({ event: 'account.removed', account });
const linesOf = (path: string): Record<string, unknown>[] =>
  readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

describe('a record', () => {
  it('says when, who, how and what', async () => {
    await opened().record(removed('work'));
    await opened().record({ event: 'bind.changed', setting: 'port', value: 4280 }, 'attached');
    expect(linesOf(file)).toEqual([
      { at: '2026-01-31T12:00:00.000Z', pid: 4711, via: 'cli', event: 'account.removed', account: 'work' },
      {
        at: '2026-01-31T12:00:00.000Z',
        pid: 4711,
        via: 'attached',
        event: 'bind.changed',
        setting: 'port',
        value: 4280,
      },
    ]);
  });

  it.each([...hostileText, ...awkwardText])(
    'is one line of its own that no terminal obeys, whatever is in it: %s',
    async (_, text) => {
      const forged = `${text}\n{"at":"2026-01-31T12:00:00.000Z","event":"key.created","key":"forged"}\n`;
      await opened().record(removed(forged));
      await opened().record(removed('next'));
      const lines = linesOf(file);
      expect(lines.map(({ event }) => event)).toEqual(['account.removed', 'account.removed']);
      expect(lines[0]?.['account']).toBe(forged);
      expect(readFileSync(file, 'utf8').replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
    },
  );

  it('of any text is exactly one line of JSON with a bounded length (property)', () => {
    assert(
      property(string({ unit: 'binary', maxLength: 700 }), (text) => {
        const line = auditLine(0, 1, 'cli', removed(text));
        expect(line.indexOf('\n')).toBe(line.length - 1);
        expect(line.length).toBeLessThan(10_000);
        const { account } = JSON.parse(line) as { account: string };
        expect(account.length).toBeLessThanOrEqual(501);
      }),
    );
  });

  it('holds nothing that is shaped like a credential', () => {
    const key = 'sk-ant-api03-MARKED-0123456789abcdef';
    const line = auditLine(0, 1, 'cli', { event: 'setting.changed', setting: key, value: [`Bearer ${key}`] });
    expect(line).not.toContain('MARKED');
    expect(line).toContain('[secret]');
  });
});

describe('the file', () => {
  it('is for its owner only, whatever the umask and the mode it had', async () => {
    const before = process.umask(0);
    try {
      await opened().record(removed('a'));
    } finally {
      process.umask(before);
    }
    expect(statSync(file).mode & 0o777).toBe(0o600);
    chmodSync(file, 0o644);
    await opened().record(removed('b'));
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(linesOf(file)).toHaveLength(2);
  });

  it('keeps what stands in it, and starts a line of its own behind one that was cut', async () => {
    writeFileSync(file, '{"at":"old"}\n{"at":"cut of', { mode: 0o600 });
    await opened().record(removed('a'));
    const text = readFileSync(file, 'utf8');
    expect(text.startsWith('{"at":"old"}\n{"at":"cut of\n{"at":"2026')).toBe(true);
    expect(text.endsWith('"account":"a"}\n')).toBe(true);
  });

  it('is put aside before it grows beyond its bytes, whatever letters are in it', async () => {
    const audit = opened(1500);
    for (let n = 0; n < 8; n += 1) await audit.record(removed('ž'.repeat(400)));
    expect(statSync(`${file}.1`).size).toBeGreaterThan(500);
    for (const path of [file, `${file}.1`]) expect(statSync(path).size).toBeLessThanOrEqual(1500);
  });

  it('holds every record of several processes that write at once, in lines', async () => {
    const script = join(home.path, 'write.mjs');
    const source = new URL('../../source/credentials/audit.ts', import.meta.url).pathname;
    writeFileSync(
      script,
      `import { openAudit } from ${JSON.stringify(source)};
       const audit = openAudit({ file: ${JSON.stringify(file)}, via: 'cli', clock: { now: () => 0 },
         maxBytes: 20_000, onProblem: (text) => { console.error(text); process.exitCode = 1; } });
       await Promise.all(Array.from({ length: 50 }, (_, n) => audit.record({ event: 'account.removed', account: process.argv[2] + '-' + n })));`,
    );
    const codes = await Promise.all(
      ['a', 'b', 'c', 'd'].map(async (name) => {
        const [code] = (await once(fork(script, [name], { stdio: 'inherit' }), 'exit')) as [number];
        return code;
      }),
    );
    expect(codes).toEqual([0, 0, 0, 0]);
    const files = readdirSync(home.path).filter((name) => /^audit\.log(\.\d)?$/.test(name));
    const accounts = files.flatMap((name) => linesOf(join(home.path, name)).map(({ account }) => account));
    expect(accounts).toHaveLength(200);
    expect(new Set(accounts).size).toBe(200);
  });

  it('is put aside when it is full, and three old ones are kept', async () => {
    const audit = opened(1000);
    for (let number = 0; number < 100; number += 1) await audit.record(removed(`account-${number}`));
    expect(readdirSync(home.path).sort()).toEqual(['audit.log', 'audit.log.1', 'audit.log.2', 'audit.log.3']);
    for (const name of readdirSync(home.path)) {
      const { size, mode } = statSync(join(home.path, name));
      expect(size).toBeLessThanOrEqual(1000);
      expect(mode & 0o777).toBe(0o600);
    }
    const order = ['audit.log.3', 'audit.log.2', 'audit.log.1', 'audit.log'];
    const kept = order.flatMap((name) => linesOf(join(home.path, name)).map(({ account }) => account));
    expect(kept).toEqual(Array.from(kept, (_, index) => `account-${100 - kept.length + index}`));
    expect(problems).toEqual([]);
  });
});

describe('a file that cannot be written', () => {
  const obstacles: [string, RegExp, () => void][] = [
    ['a link', /ELOOP/, () => symlinkSync(join(home.path, 'elsewhere'), file)],
    ['a folder', /EISDIR/, () => mkdirSync(file)],
    ['a FIFO', /not a regular file/, () => void execFileSync('mkfifo', [file])],
  ];

  it.each(obstacles)('%s is said once, harms nobody, and the gap is told later', async (_, reason, put) => {
    put();
    const audit = opened();
    for (const name of ['a', 'b', 'c']) await audit.record(removed(name));
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(reason);
    expect(existsSync(join(home.path, 'elsewhere'))).toBe(false);
    rmSync(file, { recursive: true });
    await audit.record(removed('d'));
    expect(linesOf(file)).toMatchObject([
      { event: 'audit.resumed', lost: 3 },
      { event: 'account.removed', account: 'd' },
    ]);
    expect(problems).toHaveLength(2);
    await audit.record(removed('e'));
    expect(problems).toHaveLength(2);
    expect(linesOf(file)).toHaveLength(3);
  });

  it('a size limit of the system is said once, and the line it cut is closed', () => {
    const script = join(home.path, 'limited.mjs');
    const source = new URL('../../source/credentials/audit.ts', import.meta.url).pathname;
    writeFileSync(file, `${'x'.repeat(1000)}\n`, { mode: 0o600 });
    writeFileSync(
      script,
      `process.on('SIGXFSZ', () => {});
       import { openAudit } from ${JSON.stringify(source)};
       const problems = [];
       const audit = openAudit({ file: ${JSON.stringify(file)}, via: 'cli', clock: { now: () => 0 }, onProblem: (text) => problems.push(text) });
       for (const account of ['a', 'b', 'c']) await audit.record({ event: 'account.removed', account });
       console.log(JSON.stringify(problems));`,
    );
    // 1024 bytes: room for a part of one record.
    const out = execFileSync('/bin/sh', ['-c', 'ulimit -f 2 && exec "$0" "$1"', process.execPath, script], {
      encoding: 'utf8',
      // What Node would keep of what it compiles is larger than that.
      env: { ...process.env, NODE_DISABLE_COMPILE_CACHE: '1' },
    });
    expect(JSON.parse(out)).toHaveLength(1);
    expect(statSync(file).size).toBeLessThanOrEqual(1024);
  });
});
