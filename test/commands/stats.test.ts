import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { statsLines } from '../../source/commands/stats.ts';
import { displayWidth } from '../../source/shared/display-width.ts';
import { asDuration, asEpoch } from '../../source/shared/types.ts';
import { noFigures } from '../../source/store/figures.ts';
import type { PricedRequest } from '../../source/store/state.ts';
import { statsFigures } from '../../source/store/stats-row.ts';
import { useCommandHome } from '../kit/command-home.ts';
import { askOnce, startEchoUpstream } from '../kit/echo-upstream.ts';
import { hostileCharacter } from '../kit/hostile-text.ts';
import { writeHistory } from '../kit/given-history.ts';
import { pricedSample } from '../store/samples.ts';
import { hostileRequests } from './hostile-rows.ts';

const home = useCommandHome();

type Stats = {
  since: string;
  by: string;
  rows: Record<string, unknown>[];
  others: unknown;
  total: Record<string, unknown>;
};
const stats = async (...args: string[]): Promise<Stats> => (await home.json(['stats', ...args])) as Stats;

const write = (rows: readonly PricedRequest[]): void => writeHistory(join(home.path, 'history.sqlite'), rows);

const keys = `requests errors retries failedOver inputTokens outputTokens cacheReadTokens cacheWriteTokens
  cacheHitRate costUsd listValueUsd unpricedRequests cacheSavedUsd
  cacheSavedListValueUsd firstByteP50Ms firstByteP95Ms totalP50Ms totalP95Ms
  tokensPerSecond`.split(/\s+/);

describe('stats', () => {
  it('has nothing to say without a history, and makes none', async () => {
    const { since, by, rows, others, total } = await stats();
    expect([by, rows, others]).toEqual(['account', [], null]);
    expect(Math.abs(Date.now() - 7 * 86_400_000 - Date.parse(since))).toBeLessThan(60_000);
    expect(Object.keys(total)).toEqual(keys);
    expect(total).toMatchObject({
      requests: 0,
      errors: 0,
      inputTokens: null,
      costUsd: null,
      totalP50Ms: null,
    });
    expect((await home.run(['stats'])).stdout).toMatch(/^ACCOUNT +REQ +ERR [^\n]*\ntotal +0 +0 [^\n]*\n$/);
    expect(home.snapshot()).toBe('');
  });

  it('sums requests up, with and without a running instance', async () => {
    const upstream = await startEchoUpstream({ hold: false });
    await home.addAccount('work', upstream.url);
    const { url, program } = await home.serve();
    for (let n = 0; n < 3; n += 1) expect(await askOnce(url)).toBe(200);
    const requests = async () => (await stats()).total['requests'];
    await expect.poll(requests).toBe(3);
    const running = await stats();
    expect(running.rows).toEqual([{ key: 'work', ...running.total }]);
    expect(running.total).toMatchObject({
      errors: 0,
      inputTokens: 36,
      outputTokens: 15,
      cacheReadTokens: 21,
    });
    expect(running.total).toMatchObject({ listValueUsd: null, unpricedRequests: 0, retries: 0 });
    expect(running.total['costUsd']).toBeGreaterThan(0);
    await home.run(['stop']);
    expect(await program.exit).toMatchObject({ code: 0 });
    expect(await stats()).toEqual({ ...running, since: expect.any(String) });
    await upstream.close();
  });

  it('tells money from list value, and counts what has no price', async () => {
    const at = asEpoch(Date.now() - 60_000);
    write([
      pricedSample(1, { at, costUsd: 0.5, account: 'key' }),
      pricedSample(2, { at, costUsd: 2, account: 'plan', costKind: 'list value', cacheSavedUsd: 0.25 }),
      pricedSample(3, {
        at,
        costUsd: null,
        cacheSavedUsd: null,
        account: 'plan',
        costKind: 'list value',
        model: 'unheard-of',
      }),
    ]);
    const { rows, total } = await stats();
    expect(rows).toMatchObject([
      { key: 'plan', requests: 2, costUsd: null, listValueUsd: 2, unpricedRequests: 1 },
      { key: 'key', requests: 1, costUsd: 0.5, listValueUsd: null, unpricedRequests: 0 },
    ]);
    expect(total).toMatchObject({
      costUsd: 0.5,
      listValueUsd: 2,
      unpricedRequests: 1,
      retries: 3,
      failedOver: 3,
    });
    const { stdout } = await home.run(['stats']);
    expect(stdout).toMatch(/^total +3 +0 +3 .* 0\.50 +2\.00 /m);
    expect(stdout).toContain('no price is known of 1 request\n');
    expect(stdout).toContain('list value: ');
    expect(stdout).toContain(
      'caching saved 0.03 USD and 0.25 USD of list value against the full price of input\n',
    );
    expect(stdout).toContain('failing over saved 3 requests\n');
  });

  it('tells requests apart by what was asked for, days and hours in UTC and in order', async () => {
    const second = Math.floor(Date.now() / 86_400_000) * 86_400_000 + 1000;
    const first = second - 2000;
    write([
      pricedSample(1, { at: asEpoch(second), model: 'b', client: 'c2', session: null }),
      pricedSample(2, { at: asEpoch(first), model: 'a', client: 'c1', session: 's' }),
      pricedSample(3, { at: asEpoch(first), model: 'a', client: 'c1', session: 's', totalMs: asDuration(1) }),
    ]);
    const told = async (by: string): Promise<unknown> =>
      (await stats('--since', '3d', '--by', by)).rows.map(({ key, requests }) => [key, requests]);
    const days = [first, second].map((at) => new Date(at).toISOString());
    expect(await told('model')).toEqual([
      ['a', 2],
      ['b', 1],
    ]);
    expect(await told('client')).toEqual([
      ['c1', 2],
      ['c2', 1],
    ]);
    expect(await told('session')).toEqual([
      ['s', 2],
      [null, 1],
    ]);
    expect(await told('day')).toEqual(days.map((day, index) => [day.slice(0, 10), 2 - index]));
    expect(await told('hour')).toEqual(days.map((day, index) => [`${day.slice(0, 13)}:00Z`, 2 - index]));
    expect((await stats('--since', '1s')).total['requests']).toBe(0);
  });

  it('prints nothing that a terminal acts on, and keys that are exact all the same', async () => {
    const requests = hostileRequests();
    write(requests);
    for (const by of ['model', 'session']) {
      const { stdout } = await home.run(['stats', '--since', '5200w', '--by', by]);
      expect(stdout.replaceAll('\n', '')).not.toMatch(hostileCharacter);
    }
    const { rows } = await stats('--since', '5200w', '--by', 'session');
    const wanted = new Set(requests.map(({ session }) => session));
    expect(new Set(rows.map(({ key }) => key))).toEqual(wanted);
  });

  it.each([
    [['--by', 'moon'], '--by: wanted account, model, client, session, day, hour, got moon'],
    [['--since', 'ever'], '--since: wanted a length of time, got ever'],
  ])('refuses %j', async (args, message) => {
    const { code, stderr } = await home.run(['stats', ...args]);
    expect([code, stderr.includes(message)]).toEqual([2, true]);
  });
});

describe('the table', () => {
  const figures = { ...statsFigures(noFigures()), requests: 123_456, inputTokens: 1_200_000, costUsd: 12.5 };
  const rows = [{ key: 'claude-with-a-rather-long-name-20260101', ...figures }];

  it.each([200, 110, 80, 60, 50])('has no line wider than %i columns, and whole figures', (width) => {
    const lines = statsLines('model', { rows, others: figures }, figures, width);
    for (const line of lines) expect(displayWidth(line)).toBeLessThanOrEqual(width);
    for (const line of lines.slice(1)) expect(line).toMatch(/ 123456 .* 1\.2M .* 12\.50/);
    expect(lines.map((line) => line.split(' ')[0]?.slice(0, 6))).toEqual([
      'MODEL',
      'claude',
      '(other',
      'total',
    ]);
  });
});
