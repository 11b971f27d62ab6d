import { afterEach, describe, expect, it, vi } from 'vitest';
import { createSessions } from '../../source/balancer/sessions.ts';
import type { Exchange } from '../../source/proxy/exchange.ts';
import { placementOf } from '../../source/proxy/placement.ts';
import type { FinishedRequest } from '../../source/shared/types.ts';
import { createFakeClock, type FakeClock } from '../kit/fake-clock.ts';
import { accountId, ask, endAll, headerOf, question, startPair, type TestProxy } from './start-proxy.ts';

afterEach(endAll);

const minute = 60_000;

type Talk = (session: string, more?: object) => Promise<FinishedRequest>;

/** Asks within a conversation, one request after the other, and gives the row of each. */
const talkTo = (proxy: TestProxy): Talk => {
  let count = 0;
  return async (session, more = {}) => {
    const headers = { 'x-claude-code-session-id': session };
    await ask(proxy, { headers, body: JSON.stringify({ ...question, ...more }) });
    const row = await proxy.row(count);
    count += 1;
    return row;
  };
};

const weekUsed = (share: number) => ({ kind: 'unified', used: { '7d': share } }) as const;

const startWith = async (
  accounts: Readonly<Record<string, number>>,
): Promise<{ talk: Talk; clock: FakeClock; proxy: TestProxy }> => {
  const clock = createFakeClock();
  const limits = Object.fromEntries(
    Object.entries(accounts).map(([name, share]) => [name, weekUsed(share)] as const),
  );
  const proxy = await startPair(limits, { clock });
  return { proxy, clock, talk: talkTo(proxy) };
};

const placed = ({ account, decision }: FinishedRequest) => [account, decision?.affinity];

describe('a conversation', () => {
  it('stays where its prompt cache is, though another account has more left', async () => {
    const { talk, clock } = await startWith({ little: 0.9, much: 0.1 });
    expect(placed(await talk('one'))).toEqual(['little', 'new']);
    expect(placed(await talk('two'))).toEqual(['much', 'new']);
    for (let turn = 0; turn < 5; turn += 1) {
      clock.advance(4 * minute);
      expect(placed(await talk('one'))).toEqual(['little', 'warm']);
    }
  });

  it('that was quiet for five minutes goes where most is left', async () => {
    const { talk, clock } = await startWith({ little: 0.9, much: 0.1 });
    await talk('one');
    await talk('two');
    clock.advance(6 * minute);
    expect(placed(await talk('one'))).toEqual(['much', 'cold']);
    expect(placed(await talk('one'))).toEqual(['much', 'warm']);
  });

  it('has no cache where its request was an error of the client', async () => {
    const { talk } = await startWith({ little: 0.9, much: 0.1 });
    const wrong = await talk('one', { max_tokens: 0, messages: [] });
    expect([wrong.status, ...placed(wrong)]).toEqual([400, 'little', 'new']);
    expect((await talk('one')).decision?.affinity).toBe('new');
  });

  it('that asks for a cache of an hour stays for an hour', async () => {
    const { talk, clock } = await startWith({ little: 0.9, much: 0.1 });
    const system = [{ type: 'text', text: 'help', cache_control: { type: 'ephemeral', ttl: '1h' } }];
    await talk('one', { system });
    await talk('two');
    clock.advance(59 * minute);
    expect(placed(await talk('one', { system }))).toEqual(['little', 'warm']);
    clock.advance(61 * minute);
    expect(placed(await talk('one', { system }))).toEqual(['much', 'cold']);
  });

  it('that only speaks of such a cache does not', async () => {
    const { talk, clock } = await startWith({ little: 0.9, much: 0.1 });
    const system = 'write {"cache_control": {"ttl": "1h"}} or {"ttl":"1h"}';
    await talk('one', { system });
    await talk('two');
    clock.advance(6 * minute);
    expect(placed(await talk('one', { system }))).toEqual(['much', 'cold']);
  });
});

it('its body is looked through once, however often the request is placed', () => {
  const clock = createFakeClock();
  const sessions = createSessions();
  const account = accountId('work');
  sessions.served('one/', { account, at: clock.now(), prefix: null });
  clock.advance(6 * minute);
  const chunk = Buffer.from('{"cache_control":{"ttl":"1h"}}');
  const looks = vi.spyOn(chunk, 'includes');
  const waiting = {
    description: { conversation: 'one/' },
    body: { chunks: [chunk], length: chunk.length },
    prefix: null,
    cacheLife: null,
  } as unknown as Exchange;
  const place = () => placementOf(waiting, { sessions, clock }).home;
  expect([place(), place(), place()]).toEqual([account, account, account]);
  expect(looks).toHaveBeenCalledTimes(1);
});

describe('a new conversation', () => {
  const tools = [{ name: 'read', description: 'reads a file', input_schema: { type: 'object' } }];

  it('goes where the cache knows its tools and its system prompt, when little speaks against it', async () => {
    const { talk } = await startWith({ first: 0.5, second: 0.45 });
    expect(placed(await talk('one', { system: 'project one', tools }))).toEqual(['first', 'new']);
    expect(placed(await talk('two', { system: 'project two', tools }))).toEqual(['second', 'new']);
    expect(placed(await talk('three', { system: 'project one', tools }))).toEqual(['first', 'new']);
    expect(placed(await talk('four', { system: 'project three', tools }))).toEqual(['second', 'new']);
  });

  it('of another model finds no such cache', async () => {
    const { talk } = await startWith({ first: 0.5, second: 0.45 });
    await talk('one', { system: 'project one', tools });
    await talk('two', { system: 'project two', tools });
    const other = { system: 'project one', tools, model: 'claude-sonnet-5-5' };
    expect(placed(await talk('three', other))).toEqual(['second', 'new']);
  });
});

describe('a client that names no session', () => {
  const says = (...contents: readonly string[]) => ({
    messages: contents.map((content, turn) => ({ role: turn % 2 === 0 ? 'user' : 'assistant', content })),
  });

  /** Asks without a session, and gives the row. */
  const startTelling = async () => {
    const { proxy, clock } = await startWith({ little: 0.9, much: 0.1 });
    let count = 0;
    const tell = async (more: object, path = '/v1/messages'): Promise<FinishedRequest> => {
      await ask(proxy, { path, body: JSON.stringify({ ...question, ...more }) });
      count += 1;
      return proxy.row(count - 1);
    };
    return { tell, clock };
  };

  it('is known by what its conversation opens with, and stays where that is cached', async () => {
    const { tell, clock } = await startTelling();
    expect(placed(await tell(says('one')))).toEqual(['little', 'new']);
    expect(placed(await tell(says('two')))).toEqual(['much', 'new']);
    expect(placed(await tell(says('one', 'yes', 'and?')))).toEqual(['little', 'warm']);
    expect(placed(await tell(says('two', 'yes', 'and?')))).toEqual(['much', 'warm']);
    clock.advance(6 * minute);
    expect(placed(await tell(says('one', 'yes', 'and?', 'no', 'why?')))).toEqual(['much', 'cold']);
  });

  it('is known by the same when its bodies are long', async () => {
    const { tell } = await startTelling();
    const long = 'word '.repeat(20_000);
    expect(placed(await tell(says('one')))).toEqual(['little', 'new']);
    expect(placed(await tell(says('two')))).toEqual(['much', 'new']);
    expect(placed(await tell(says('one', long, 'and?')))).toEqual(['little', 'warm']);
    expect(placed(await tell({ ...says('one', long), system: 'help' }))).toEqual(['much', 'new']);
  });

  it('has no conversation where it only counts, and makes none', async () => {
    const { tell } = await startTelling();
    await tell(says('one'));
    await tell(says('two'));
    const counted = await tell(says('three'), '/v1/messages/count_tokens');
    expect(counted.decision?.affinity).toBeNull();
    expect(placed(await tell(says('three')))).toEqual(['much', 'new']);
  });
});

describe('a count of tokens', () => {
  const counting = { path: '/v1/messages/count_tokens', body: JSON.stringify(question) };

  it('is asked where the conversation is, and neither takes it along nor keeps it warm', async () => {
    const { talk, clock, proxy } = await startWith({ little: 0.9, much: 0.1 });
    const count = async (session: string): Promise<unknown[]> => {
      const answer = await ask(proxy, { ...counting, headers: { 'x-claude-code-session-id': session } });
      return [answer.status, headerOf(answer, 'x-ccr-account')];
    };
    await talk('one');
    await talk('two');
    expect(await count('one')).toEqual([200, 'little']);
    clock.advance(4 * minute);
    expect(await count('one')).toEqual([200, 'little']);
    clock.advance(2 * minute);
    // Five minutes after its last turn no cache holds the conversation, however often its tokens were counted.
    expect(await count('one')).toEqual([200, 'much']);
    expect(await count('three')).toEqual([200, 'much']);
    const row = (await proxy.row(5)).decision;
    expect(row?.affinity).toBeNull();
  });
});
