import { PassThrough } from 'node:stream';
import type { WriteStream } from 'node:tty';
import { describe, expect, it } from 'vitest';
import { printJson, printLines } from '../../source/commands/print.ts';
import { statusJson, statusLines } from '../../source/commands/status.ts';
import { asEpoch } from '../../source/shared/types.ts';
import { hostileCharacter } from '../kit/hostile-text.ts';
import { accountView } from '../store/samples.ts';
import { everyText } from './hostile-rows.ts';
import { useCommandHome } from '../kit/command-home.ts';
import { askOnce, startEchoUpstream } from '../kit/echo-upstream.ts';

const home = useCommandHome();

describe('status', () => {
  it('says that nothing runs, exit 4, and writes nothing', async () => {
    expect(await home.run(['status'])).toEqual({
      code: 4,
      signal: null,
      stdout: '',
      stderr: 'ccr-tui: not running; start it with ccr-tui or ccr-tui serve\n',
    });
    expect(home.snapshot()).toBe('');
  });

  it('prints the accounts as JSON even when nothing runs, exit 4', async () => {
    await home.addAccount('work');
    const { code, stdout, stderr } = await home.run(['status', '--json']);
    expect({ code, stderr }).toEqual({ code: 4, stderr: '' });
    expect(JSON.parse(stdout)).toMatchObject({
      running: false,
      url: null,
      pid: null,
      strategy: 'sticky',
      totals: null,
      accounts: [{ name: 'work', state: 'ready' }],
    });
  });

  it('describes the running instance and what it has served', async () => {
    const upstream = await startEchoUpstream({ hold: false });
    await home.addAccount('work', upstream.url);
    const { url, pid } = await home.serve();
    expect(await askOnce(url)).toBe(200);
    await expect
      .poll(() => home.json(['status']), { timeout: 10_000 })
      .toMatchObject({
        running: true,
        url,
        pid,
        strategy: 'sticky',
        credentialStore: 'vault',
        ready: 1,
        inFlight: 0,
        history: { ok: true, reason: null },
        accounts: [{ name: 'work', state: 'ready', requests: 1, lastUsedAt: expect.stringMatching(/Z$/) }],
        totals: { requests: 1, errors: 0, retries: 0, inputTokens: 12, outputTokens: 5, cacheReadTokens: 7 },
      });
    const { code, stdout, stderr } = await home.run(['status']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain(`at ${url} (pid ${pid}, up `);
    expect(stdout).toMatch(/^1 request, 0 errors, 0 retries, 12 tokens in, 5 out, ~/m);
    expect(stdout).toMatch(/^work +compatible +ready /m);
    await upstream.close();
  });
});

describe('status of an instance with hostile words', () => {
  const now = asEpoch(1_795_000_000_000);
  const status = (text: string) => ({
    version: text,
    url: text,
    pid: 1,
    uptimeMs: 1,
    strategy: text,
    credentialStore: text,
    inFlight: 0,
    history: { ok: false, reason: text },
    accounts: [
      accountView(text, {
        baseUrl: text,
        state: 'error',
        reason: text,
        windows: [
          {
            id: text,
            scope: text,
            utilization: 0.5,
            status: text,
            resetsAt: asEpoch(now + 1e6),
            source: 'header',
            seenAt: now,
          },
        ],
      }),
    ],
    totals: {
      requests: 0,
      errors: 0,
      retries: 0,
      inputTokens: 0,
      outputTokens: 0,
      cacheReadTokens: 0,
      costUsd: 0,
    },
  });

  it.each(everyText.map((text) => [JSON.stringify(text), text]))(
    '%s reaches no terminal',
    async (_, text) => {
      const stream = new PassThrough();
      await printLines(stream as unknown as WriteStream, statusLines(status(text), now, undefined));
      await printJson(stream as unknown as WriteStream, statusJson(status(text), now));
      stream.end();
      const written = (await stream.setEncoding('utf8').toArray()).join('');
      expect(written.replaceAll('\n', '')).not.toMatch(hostileCharacter);
      expect(written.trimEnd().split('\n')).toHaveLength(8);
      expect(JSON.parse(written.trimEnd().split('\n').at(-1) ?? '')).toEqual(statusJson(status(text), now));
    },
  );
});
