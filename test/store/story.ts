import type { ProxyEvent } from '../../source/shared/events.ts';
import { asEpoch, type AccountView, type EpochMs } from '../../source/shared/types.ts';
import { priceOf } from '../../source/store/prices.ts';
import { applyEvents, initialState } from '../../source/store/reduce.ts';
import type { State } from '../../source/store/state.ts';
import * as sample from './samples.ts';

// A proxy with three accounts that has started a minute ago, what happens to it, and what its log says.

const { accountView, finished } = sample;

export const second = 1000;
export const minute = 60 * second;
/** Local time, so that the sentences name it wherever the tests run. */
const start = new Date(2026, 10, 22, 14, 7, 0).getTime();
export const after = (ms: number): EpochMs => asEpoch(start + ms);
export const at1419 = after(12 * minute);

export const empty = initialState(asEpoch(start - minute));
export const fold = (...events: ProxyEvent[]): State => applyEvents(empty, events, priceOf);

export const listening: ProxyEvent = { ...sample.listening, at: asEpoch(start - minute) };
export const view = (ms: number, name: string, fields: Partial<AccountView> = {}): ProxyEvent => ({
  type: 'accountChanged',
  at: after(ms),
  account: accountView(name, { paused: fields.state === 'paused', ...fields }),
});
/** Three accounts that can serve, told while the proxy starts. */
export const calm = [listening, ...['home', 'team-a', 'work'].map((name) => view(100 - minute, name))];

export const limited = (until: EpochMs = at1419): Partial<AccountView> => ({
  state: 'limited',
  reason: 'reached its 5h limit',
  availableAt: until,
});
export const overloaded = (until: EpochMs): Partial<AccountView> => ({
  state: 'benched',
  reason: 'overloaded (529)',
  availableAt: until,
});

let count = 0;
/** A conversation's request that `account` answered; `from` = the account that failed it first, in the same request. */
export const turn = (
  ms: number,
  session: string,
  account: string,
  { affinity = 'warm', from = null }: { affinity?: 'warm' | 'moved'; from?: string | null } = {},
): ProxyEvent => {
  count += 1;
  const { attempts } = sample.finishedRequest(1);
  const event = finished(count, {
    at: after(ms),
    session,
    account,
    accountId: sample.accountId(account),
    attempts: from === null ? [] : attempts.map((each) => ({ ...each, account: from })).slice(0, 1),
    decision: { strategy: 'sticky', affinity, considered: [] },
  });
  return { ...event, at: after(ms) };
};
export const moved = (ms: number, session: string, to: string, from: string | null = null): ProxyEvent =>
  turn(ms, session, to, { affinity: 'moved', from });

export const texts = (...events: ProxyEvent[]): string[] =>
  fold(...calm, ...events).log.map(({ text }) => text);
