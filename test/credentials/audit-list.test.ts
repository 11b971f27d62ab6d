import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { listAudit } from '../../source/credentials/audit-list.ts';
import { auditLine } from '../../source/credentials/audit.ts';
import type { AuditEvent } from '../../source/shared/audit-event.ts';
import { hostileText } from '../kit/hostile-text.ts';
import { temporaryHome, type TemporaryHome } from '../kit/temporary-home.ts';

let home: TemporaryHome;
let file: string;
let at = 0;
beforeEach(async () => {
  home = await temporaryHome();
  file = join(home.path, 'audit.log');
  at = Date.UTC(2026, 10, 22);
});
afterEach(() => home.remove());

const write = (...events: AuditEvent[]): void => {
  for (const event of events) appendFileSync(file, auditLine((at += 1000), 1, 'cli', event));
};
const paused = (account: string): AuditEvent => ({ event: 'account.paused', account });
const added = (account: string): AuditEvent => ({
  event: 'account.added',
  account,
  id: 'id-1',
  kind: 'api-key',
  baseUrl: 'https://a.example',
  store: 'vault',
});
const told = async (account = 'work'): Promise<string[]> =>
  (await listAudit(file, account)).map(({ event, detail }) => `${event} ${detail}`.trim());

describe('the audit log of an account', () => {
  it('is its own records, the newest first, with who asked and what else they say', async () => {
    write(
      added('work'),
      paused('home'),
      { event: 'account.changed', account: 'work', priority: 5, models: ['a*'] },
      { event: 'accounts.resumed', accounts: ['home', 'work'] },
      { event: 'key.created', key: 'work' },
    );
    expect(await listAudit(file, 'work')).toEqual([
      { at: at - 1000, event: 'accounts.resumed', via: 'cli', detail: '' },
      { at: at - 2000, event: 'account.changed', via: 'cli', detail: 'priority 5, models ["a*"]' },
      {
        at: at - 4000,
        event: 'account.added',
        via: 'cli',
        detail: 'kind api-key, baseUrl https://a.example, store vault',
      },
    ]);
  });

  it('goes back through its earlier names, and not to another account that had its name', async () => {
    write(paused('work'), paused('old'), added('old'), paused('old'));
    write({ event: 'account.renamed', account: 'old', to: 'work' }, paused('work'));
    expect(await told()).toEqual([
      'account.paused',
      'account.renamed to work',
      'account.paused',
      'account.added kind api-key, baseUrl https://a.example, store vault',
    ]);
  });

  it('is the newest twenty, also out of the file that was put aside last', async () => {
    for (let n = 0; n < 15; n += 1) write(paused('work'));
    execFileSync('mv', [file, `${file}.1`]);
    for (let n = 0; n < 15; n += 1) write(paused('work'));
    const entries = await listAudit(file, 'work');
    expect(entries.map((entry) => entry.at)).toEqual(Array.from({ length: 20 }, (_, n) => at - 1000 * n));
  });

  it('reads a part of a long file, and nothing that is cut or no record', async () => {
    write(paused('work'));
    const filler = auditLine(at, 1, 'cli', paused('somebody-else'));
    appendFileSync(file, filler.repeat(Math.ceil((300 * 1024) / filler.length)));
    write(paused('work'));
    appendFileSync(file, '{"event":"account.paused","account":"work"}\n[1]\n"work"\n{"account":"work"\n');
    expect(await told()).toEqual(['account.paused']);
  });

  it('has no credential, whatever was written there, and is never long', async () => {
    const key = `sk-ant-api03-${'x'.repeat(40)}`;
    const line = JSON.stringify({
      at: new Date(at),
      event: key,
      via: key,
      account: 'work',
      note: `${key} `.repeat(99),
    });
    appendFileSync(file, `${line}\n`);
    const [entry] = await listAudit(file, 'work');
    expect(JSON.stringify(entry)).not.toContain('sk-ant');
    expect(entry?.detail.length).toBeLessThanOrEqual(400);
  });

  it.each(hostileText)('finds an account whose name holds %s', async (_, name) => {
    write(paused(name));
    expect(await told(name)).toEqual(['account.paused']);
  });

  it('is empty where there is none', async () => {
    expect(await told()).toEqual([]);
  });

  it('says why it cannot be read, and follows no link and waits for no FIFO', async () => {
    mkdirSync(file);
    await expect(told()).rejects.toThrow(/not a regular file/);
    rmSync(file, { recursive: true });
    symlinkSync('/etc/hostname', file);
    await expect(told()).rejects.toThrow(/audit log cannot be read \(ELOOP\)/);
    rmSync(file);
    execFileSync('mkfifo', [file]);
    await expect(told()).rejects.toThrow(/not a regular file/);
  });
});
