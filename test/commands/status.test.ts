import { PassThrough } from 'node:stream';
import type { WriteStream } from 'node:tty';
import { describe, expect, it } from 'vitest';
import { printJson, printLines } from '../../source/commands/print.ts';
import { statusJson, statusLines } from '../../source/commands/status.ts';
import type { CaptureStatus } from '../../source/shared/capture.ts';
import { asEpoch } from '../../source/shared/types.ts';
import { hostileCharacter } from '../kit/hostile-text.ts';
import { accountView } from '../store/samples.ts';
import { everyText } from './hostile-rows.ts';
import { statusSample } from './status-sample.ts';
import { useCommandHome } from '../kit/command-home.ts';
import { askOnce, startEchoUpstream } from '../kit/echo-upstream.ts';

const home = useCommandHome({ inPlace: true });

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

  it('has one line for a status bar, also when nothing runs', async () => {
    expect(await home.run(['status', '--line'])).toEqual({
      code: 4,
      signal: null,
      stdout: 'ccr-tui: not running\n',
      stderr: '',
    });
    const both = await home.run(['status', '--line', '--json']);
    expect(both).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringContaining('leave one of them out'),
    });
    await home.addAccount('work');
    await home.serve();
    await expect
      .poll(() => home.run(['status', '--line']))
      .toEqual({ code: 0, signal: null, stdout: 'ccr-tui 1/1 ready | work\n', stderr: '' });
  });

  it('describes the running instance and what it has served', async () => {
    const upstream = await startEchoUpstream({ hold: false });
    await home.addAccount('work', upstream.url);
    const { url, pid } = await home.serve();
    expect(await askOnce(url)).toBe(200);
    await expect
      .poll(() => home.json(['status']))
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

describe('status of an instance that has enough to foretell', () => {
  const now = asEpoch(1_795_000_000_000);
  const hour = 3_600_000;
  const status = statusSample({
    accounts: [
      accountView('work', {
        windows: [
          {
            id: '5h',
            scope: null,
            utilization: 0.5,
            status: 'allowed',
            resetsAt: asEpoch(now + 2 * hour),
            source: 'header',
            seenAt: now,
          },
        ],
        forecast: { '5h': { emptyAt: asEpoch(now + hour), perHour: 0.5 } },
      }),
    ],
    pool: { dryAt: asEpoch(now + hour), until: asEpoch(now + 2 * hour) },
    totals: { ...statusSample().totals, costUsd: 1.5, listValueUsd: 20.25, unpricedRequests: 1 },
  });

  it('tells when windows and pool are empty, and money apart from what plans gave', () => {
    const lines = statusLines(status, now, undefined);
    expect(lines[1]).toMatch(/ pool dry at ~\d\d:\d\d$/);
    expect(lines[2]).toMatch(/, ~1\.50 USD cost, ~20\.25 USD list value, 1 request without a price$/);
    expect(lines.at(-1)).toMatch(/5h 50% 2h00m empty ~\d\d:\d\d/);
    expect(statusJson(status, now)).toMatchObject({
      pool: {
        dryAt: new Date(now + hour).toISOString(),
        lasts: false,
        untilAt: new Date(now + 2 * hour).toISOString(),
      },
      totals: { costUsd: 1.5, listValueUsd: 20.25, unpricedRequests: 1 },
    });
  });
});

describe('status of an instance that captures requests', () => {
  const now = asEpoch(1_795_000_000_000);

  it('says so, or why it does not', () => {
    const line = (capture: CaptureStatus): string =>
      statusLines(statusSample({ capture }), now, undefined)[3] ?? '';
    expect(line({ mode: 'all', reason: null })).toMatch(/^capture is on \(all\): /);
    expect(line({ mode: 'off', reason: 'no key' })).toBe('capture is off: no key');
    expect(line({ mode: 'off', reason: null })).toBe('');
    const capture = { mode: 'errors', reason: null } as const;
    expect(statusJson(statusSample({ capture }), now)).toMatchObject({ capture });
    // An older instance tells nothing of it.
    expect(statusJson(statusSample(), now)).toMatchObject({ capture: null });
  });
});

describe('status of an instance with hostile words', () => {
  const now = asEpoch(1_795_000_000_000);
  const status = (text: string) =>
    statusSample({
      version: text,
      url: text,
      strategy: text,
      credentialStore: text,
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
