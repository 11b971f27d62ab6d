import { describe, expect, test } from 'vitest';
import { followRequests } from '../source/cut-requests.ts';
import type { ProxyEvent } from '../source/shared/events.ts';
import { asDuration, asEpoch, noTokens, type FinishedRequest } from '../source/shared/types.ts';
import { accountId, chosen, requestId, started } from './store/samples.ts';

const start = 1_795_000_000_000;
const at = asEpoch(start + 9000);
const open = () => followRequests((account) => (account === accountId('home') ? 'login' : 'api-key'));
const cutOf = (...events: ProxyEvent[]): FinishedRequest[] => {
  const requests = open();
  requests.follow(events);
  return requests.cut(at).flatMap((event) => (event.type === 'requestFinished' ? [event.request] : []));
};

const failed = (n: number, account: string): ProxyEvent => ({
  type: 'attemptFailed',
  at: asEpoch(start + n + 100),
  id: requestId(n),
  account: accountId(account),
  accountName: account,
  attempt: 1,
  status: 429,
  verdict: 'limited',
  window: '5h',
  ms: asDuration(99),
});

describe('the requests of a thread that died', () => {
  test('have ended with it, oldest first, each with what was known of it', () => {
    const tokens = { ...noTokens, input: 1200, output: 30 };
    const [first, second] = cutOf(
      started(1),
      chosen(1, 'work'),
      started(2),
      failed(1, 'work'),
      { type: 'requestReleased', at, id: requestId(1), waitMs: asDuration(500) },
      { ...chosen(1, 'home', 2), at: asEpoch(start + 1000) },
      {
        type: 'responseStarted',
        at,
        id: requestId(1),
        account: accountId('home'),
        accountName: 'home',
        status: 200,
        firstByteMs: asDuration(1500),
      },
      { type: 'responseGrew', at, id: requestId(1), bytes: 900, tokens },
    );
    expect(first).toMatchObject({
      id: requestId(1),
      outcome: 'truncated',
      error: 'cut when the proxy thread died',
      status: 200,
      account: 'home',
      accountId: accountId('home'),
      costKind: 'list value',
      waitMs: 500,
      firstByteMs: 1500,
      totalMs: 8999,
      tokens,
      attempts: [
        { account: 'work', status: 429, verdict: 'limited', window: '5h', ms: 99 },
        { account: 'home', status: 200, verdict: 'forwarded', window: null, ms: 8000 },
      ],
    });
    expect(second).toMatchObject({
      id: requestId(2),
      outcome: 'truncated',
      status: null,
      account: null,
      costKind: null,
      attempts: [],
      tokens: noTokens,
    });
  });

  test('are told once, and not at all where they had ended or may have', () => {
    const requests = open();
    requests.follow([started(1), started(2)]);
    const [cut] = requests.cut(at);
    expect(requests.cut(at)).toEqual([]);
    expect(cutOf(started(1), cut!)).toEqual([]);
    // The end of any of them may be among what was lost.
    expect(cutOf(started(1), { type: 'dropped', at, count: 3 })).toEqual([]);
    expect(cutOf()).toEqual([]);
  });

  test('have lasted no negative time when the clock was set back', () => {
    const requests = open();
    requests.follow([started(1), chosen(1, 'work')]);
    expect(requests.cut(asEpoch(start - 7_200_000))).toMatchObject([
      { request: { totalMs: 0, attempts: [{ ms: 0 }] } },
    ]);
  });

  test('take no memory without bound', () => {
    const requests = open();
    for (let n = 0; n < 10_010; n += 1) requests.follow([started(n)]);
    expect(requests.cut(at)).toHaveLength(10_000);
  });
});
