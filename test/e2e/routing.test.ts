import { afterEach, describe, expect, it } from 'vitest';
import type { Limits } from '../../source/demo/limits.ts';
import { fixedReply } from '../../source/demo/replies.ts';
import { startUpstream } from '../../source/demo/upstream.ts';
import type { FinishedRequest, StrategyName } from '../../source/shared/types.ts';
import { createFakeClock } from '../kit/fake-clock.ts';
import { inRun } from '../kit/long-run.ts';
import {
  ask,
  endAll,
  ending,
  headerOf,
  startPair,
  startProxy,
  type TestProxy,
} from '../proxy/start-proxy.ts';

afterEach(endAll);

const minute = 60_000;
const hour = 60 * minute;
const cached = { cache_control: { type: 'ephemeral' } };
const words = (text: string, count: number): string => `${text} `.repeat(count);

type Talk = { session: string | null; project: string };

/** Turn n of a conversation: all that was said before, up to which the cache reaches, and a little more. */
const turnOf = ({ session, project }: Talk, turn: number) => {
  const said = Array.from({ length: turn + 1 }, (_, n) => ({
    role: n % 2 === 0 ? 'user' : 'assistant',
    content: [
      { type: 'text', text: words(`${session ?? project} says ${n}`, 60), ...(n >= turn - 1 ? cached : {}) },
    ],
  }));
  const body = {
    model: 'claude-opus-5-5',
    max_tokens: 100,
    system: [{ type: 'text', text: words(`the rules of ${project}`, 200), ...cached }],
    messages: said,
  };
  const headers = session === null ? {} : { 'x-claude-code-session-id': session };
  return { headers, body: JSON.stringify(body) };
};

const unified = (used = 0) => ({ kind: 'unified', used: { '5h': used, '7d': used } }) as const;

/** Asks one request after the other, and gives the row of each. */
const asking = (proxy: TestProxy) => {
  let count = 0;
  return async (request: Parameters<typeof ask>[1]): Promise<FinishedRequest> => {
    await ask(proxy, request);
    count += 1;
    return proxy.row(count - 1);
  };
};

const placed = ({ account, decision }: FinishedRequest) => [account, decision?.affinity];

const turns = inRun(10, 60);

describe('the prompt cache', () => {
  const talks: readonly Talk[] = Array.from({ length: 8 }, (_, n) => ({
    session: `session-${n}`,
    project: `project-${n % 4}`,
  }));

  /** The share of its input that was read from caches, over the turns of each conversation, one after the other. */
  const readShare = async (
    names: readonly string[],
    strategy: StrategyName = 'sticky',
  ): Promise<{ share: number; accounts: number }> => {
    const clock = createFakeClock();
    // Together as much as one of them alone has, and little enough that each turn changes who has most left.
    const limits: Limits = { kind: 'unified', quota: { '7d': (turns * 20_000) / names.length } };
    const proxy = await startPair(Object.fromEntries(names.map((name) => [name, limits])), {
      config: { strategy },
      clock,
      upstream: { clock, reply: fixedReply('yes') },
    });
    for (let turn = 0; turn < turns; turn += 1) {
      // Another one begins each time, or turns would keep to their accounts by chance.
      for (const talk of [...talks.slice(turn % 8), ...talks.slice(0, turn % 8)]) {
        clock.advance(5000);
        await ask(proxy, turnOf(talk, turn));
      }
    }
    await proxy.row(turns * talks.length - 1);
    const rows = proxy.eventsOf('requestFinished').map(({ request }) => request);
    const sum = (count: (row: FinishedRequest) => number | null): number =>
      rows.reduce((total, row) => total + (count(row) ?? 0), 0);
    const read = sum(({ tokens }) => tokens.cacheRead);
    const written = sum(({ tokens }) => tokens.cacheWrite5m);
    const input = sum(({ tokens }) => tokens.input);
    expect(rows.every(({ status }) => status === 200)).toBe(true);
    return {
      share: read / (read + written + input),
      accounts: new Set(rows.map(({ account }) => account)).size,
    };
  };

  it('is read nearly as much with four accounts as with one: 8 interleaved conversations keep 95 % of it', async () => {
    const names = ['a', 'b', 'c', 'd'];
    const alone = await readShare(['a']);
    const spread = await readShare(names);
    expect([alone.share > 0.8, spread.accounts]).toEqual([true, 4]);
    expect(spread.share).toBeGreaterThanOrEqual(alone.share * 0.95);
    // What pays no heed to caches falls short of it: less so in long conversations, which every cache knows in the end.
    expect((await readShare(names, 'spread')).share).toBeLessThan(alone.share * inRun(0.8, 0.95));
  });

  it('is where new work goes that begins with what it knows', async () => {
    const proxy = await startPair({ first: unified(0.5), second: unified(0.45) });
    const tell = asking(proxy);
    const begin = async (session: string, project: string) =>
      (await tell(turnOf({ session, project }, 0))).account;
    expect(await begin('one', 'p')).toBe('first');
    expect(await begin('two', 'q')).toBe('second');
    expect([await begin('three', 'p'), await begin('four', 'r')]).toEqual(['first', 'second']);
    const known = await proxy.row(2);
    expect(known.tokens.cacheRead).toBeGreaterThan(500);
    expect(known.decision?.considered[0]?.verdict).toContain('its cache knows how this begins');
  });

  it('keeps the turns of a client without a session, too', async () => {
    const proxy = await startPair({ a: unified(0.5), b: unified(0.1), c: unified(0.3) });
    const tell = asking(proxy);
    const rows: FinishedRequest[] = [];
    for (let turn = 0; turn < 4; turn += 1) {
      for (const project of ['p', 'q', 'r']) rows.push(await tell(turnOf({ session: null, project }, turn)));
    }
    const later = rows.slice(3);
    expect(later.map(({ decision }) => decision?.affinity)).toEqual(later.map(() => 'warm'));
    for (const { tokens } of later) expect(tokens.cacheRead).toBeGreaterThan(500);
  });
});

describe('a warm conversation', () => {
  const talk = { session: 'one', project: 'p' };

  it('leaves an account that is limited, and does not go back when that opens again', async () => {
    const clock = createFakeClock();
    const limits = {
      small: { kind: 'unified', quota: { '5h': 400 }, lengthMs: { '5h': 6 * minute } },
      large: unified(0.6),
    } as const;
    const proxy = await startPair(limits, { clock, upstream: { clock, reply: fixedReply('yes') } });
    const tell = asking(proxy);
    const seen: unknown[] = [];
    for (let turn = 0; turn < 6; turn += 1) {
      seen.push(placed(await tell(turnOf(talk, turn))));
      clock.advance(3 * minute);
    }
    const moved = seen.findIndex((each) => String(each) === 'large,moved');
    expect(moved).toBeGreaterThan(0);
    expect(seen.slice(0, moved)).toEqual(
      Array.from({ length: moved }, (_, n) => ['small', n === 0 ? 'new' : 'warm']),
    );
    expect(seen.slice(moved + 1)).toEqual(seen.slice(moved + 1).map(() => ['large', 'warm']));
    expect(seen.length - moved).toBeGreaterThan(3);
  });

  it.each([
    ['at its cap', { caps: { '5h': 0.3 } }],
    ['paused', { paused: true }],
  ])('leaves an account that is %s, and does not go back afterwards', async (_, change) => {
    const proxy = await startPair({ a: unified(0.4), b: unified(0.6) });
    const tell = asking(proxy);
    const [a, b] = proxy.records;
    expect(placed(await tell(turnOf(talk, 0)))).toEqual(['a', 'new']);
    proxy.proxy.setAccounts([{ ...a!, ...change }, b!]);
    expect(placed(await tell(turnOf(talk, 1)))).toEqual(['b', 'moved']);
    proxy.proxy.setAccounts(proxy.records);
    expect(placed(await tell(turnOf(talk, 2)))).toEqual(['b', 'warm']);
  });

  it('leaves an account that has gone, and stays while nothing of that happens, whoever has more left', async () => {
    const clock = createFakeClock();
    const proxy = await startPair(
      { a: unified(0.9), b: unified(0.1), c: unified(0) },
      { clock, upstream: { clock } },
    );
    const tell = asking(proxy);
    for (let turn = 0; turn < 4; turn += 1) {
      expect(placed(await tell(turnOf(talk, turn)))).toEqual(['a', turn === 0 ? 'new' : 'warm']);
      // Others tell how much more they have.
      await tell(turnOf({ session: `other ${turn}`, project: 'q' }, 0));
      clock.advance(4 * minute);
    }
    proxy.proxy.setAccounts(proxy.records.slice(1));
    const { account } = await tell(turnOf(talk, 4));
    proxy.proxy.setAccounts(proxy.records);
    expect(placed(await tell(turnOf(talk, 5)))).toEqual([account, 'warm']);
  });
});

it('new work does not go to an account with too little room for it, once its size is known', async () => {
  const small = { kind: 'unified', quota: { '5h': 8000, '7d': 900_000 } } as const;
  // Of the larger one less is left of the week for each hour.
  const proxy = await startPair(
    { small, large: { kind: 'unified', used: { '7d': 0.5 } } },
    { upstream: { reply: fixedReply('yes') } },
  );
  const tell = asking(proxy);
  const begin = (session: string, project: string) => tell(turnOf({ session, project }, 0));
  const seen: unknown[] = [];
  for (let n = 0; n < 12; n += 1) seen.push((await begin(`session ${n}`, `project ${n}`)).account);
  const last = await begin('session', 'project');
  expect(seen).toContain('small');
  expect(last.account).toBe('large');
  expect(last.decision?.considered[0]?.verdict).toMatch(/^full: /);
  expect(proxy.upstream.truth()['small']).toMatchObject({ refused: 0 });
});

describe('an account that is preferred', () => {
  it('gets new and cold work and lists of batches, while warm conversations stay', async () => {
    const clock = createFakeClock();
    const proxy = await startPair({ a: unified(0.1), b: unified(0.8) }, { clock, upstream: { clock } });
    const tell = asking(proxy);
    const turn = async (session: string, n: number) =>
      placed(await tell(turnOf({ session, project: 'p' }, n)));
    expect(await turn('one', 0)).toEqual(['a', 'new']);
    const [a, b] = proxy.records;
    proxy.proxy.setAccounts([a!, { ...b!, preferred: true }]);
    expect([await turn('one', 1), await turn('two', 0)]).toEqual([
      ['a', 'warm'],
      ['b', 'new'],
    ]);
    for (const path of ['/v1/messages/batches', '/v1/files']) {
      expect(headerOf(await ask(proxy, { method: 'GET', path }), 'x-ccr-account')).toBe('b');
    }
    const headers = { 'x-ccr-account': 'a' };
    expect(headerOf(await ask(proxy, { method: 'GET', path: '/v1/files', headers }), 'x-ccr-account')).toBe(
      'a',
    );
    clock.advance(hour);
    await proxy.awaitEvent('requestFinished', () => proxy.eventsOf('requestFinished').length === 6);
    expect(headerOf(await ask(proxy, turnOf({ session: 'one', project: 'p' }, 2)), 'x-ccr-account')).toBe(
      'b',
    );
    proxy.proxy.setAccounts([a!, { ...b!, preferred: true, paused: true }]);
    expect(headerOf(await ask(proxy, turnOf({ session: 'three', project: 'p' }, 0)), 'x-ccr-account')).toBe(
      'a',
    );
  });
});

describe('x-ccr-account', () => {
  const headers = { 'x-ccr-account': 'wanted' };
  const asked = { ...turnOf({ session: null, project: 'p' }, 0), headers };

  it('chooses the account, whatever the strategy would choose', async () => {
    const proxy = await startPair({ wanted: unified(0.9), other: unified(0) });
    for (let n = 0; n < 3; n += 1) expect(headerOf(await ask(proxy, asked), 'x-ccr-account')).toBe('wanted');
  });

  it('does not override a pause', async () => {
    const proxy = await startPair({ wanted: unified(), other: unified() });
    const [wanted, other] = proxy.records;
    proxy.proxy.setAccounts([{ ...wanted!, paused: true }, other!]);
    const answer = await ask(proxy, asked);
    expect([answer.status, headerOf(answer, 'x-ccr-error')]).toEqual([503, 'no_account']);
    expect(proxy.upstream.requests).toEqual([]);
  });

  it('does not override a cap', async () => {
    const proxy = await startPair({ wanted: unified(0.5), other: unified() });
    expect((await ask(proxy, asked)).status).toBe(200);
    const [wanted, other] = proxy.records;
    proxy.proxy.setAccounts([{ ...wanted!, caps: { '5h': 0.4 } }, other!]);
    const answer = await ask(proxy, asked);
    expect([answer.status, headerOf(answer, 'x-ccr-error')]).toEqual([429, 'all_limited']);
    expect(proxy.upstream.requests).toHaveLength(1);
  });

  it('does not make a Claude login serve another client than Claude Code', async () => {
    const key = 'sk-ant-oat01-wanted';
    const upstream = ending(
      await startUpstream({ accounts: [{ name: 'wanted', key, limits: { kind: 'none' } }] }),
    );
    const kind = 'setup-token';
    const proxy = await startProxy([{ name: 'wanted', url: upstream.url, kind, key }]);
    const answer = await ask(proxy, {
      ...asked,
      headers: { ...headers, 'user-agent': 'Anthropic/JS 1.12.0' },
    });
    expect([answer.status, headerOf(answer, 'x-ccr-error')]).toEqual([503, 'no_account']);
    expect(upstream.requests).toEqual([]);
    const code = { ...headers, 'user-agent': 'claude-cli/2.1.330 (external, cli)' };
    expect((await ask(proxy, { ...asked, headers: code })).status).toBe(200);
  });
});
