import { emptyHistogram, measure, type Histogram } from './exposition.ts';
import type { ProxyEvent } from '../shared/events.ts';
import { sanitize } from '../shared/sanitize.ts';
import type { AccountCost } from '../shared/account-cost.ts';
import type { FinishedRequest, TokenCounts } from '../shared/types.ts';

// What /metrics tells, counted as it happens: plain numbers in maps whose keys are bounded, whatever clients send.

export type AccountTally = {
  statuses: Map<string, number>;
  outcomes: Map<string, number>;
  verdicts: Map<string, number>;
  refreshes: Map<string, number>;
  firstByte: Histogram;
  total: Histogram;
  tokens: TokenTally;
};

export type ModelTally = { requests: number; tokens: TokenTally };

/** Known counts alone; one that no answer told of is not there. */
export type TokenTally = Partial<Record<keyof TokenCounts, number>>;

export type Tally = {
  /** Counts what the event tells of. */
  observe(event: ProxyEvent): void;
  /** A request did not get past the gate. */
  refused(reason: string): void;
  /** What requests have cost so far, by account. */
  setCosts(costs: readonly AccountCost[]): void;
  /** By the account's name; '' = none served. */
  accounts: ReadonlyMap<string, AccountTally>;
  models: ReadonlyMap<string, ModelTally>;
  refusals: ReadonlyMap<string, number>;
  costs(): readonly AccountCost[];
  /** Requests that had to wait for an account. */
  held(): number;
};

/** Names of each kind that are told apart; whatever comes beyond is counted together. */
export const mostNames = { accounts: 256, models: 100, words: 64 };
/** The name under which the rest is counted. */
const otherName = 'other';

const newAccount = (): AccountTally => ({
  statuses: new Map(),
  outcomes: new Map(),
  verdicts: new Map(),
  refreshes: new Map(),
  firstByte: emptyHistogram(),
  total: emptyHistogram(),
  tokens: {},
});

const newModel = (): ModelTally => ({ requests: 0, tokens: {} });

/** What is counted under that name: under `otherName` once there are as many names as there may be. */
const entryOf = <Value>(map: Map<string, Value>, name: string, most: number, make: () => Value): Value => {
  const known = map.get(name);
  if (known !== undefined) return known;
  const key = map.size < most ? name : otherName;
  const entry = map.get(key) ?? make();
  map.set(key, entry);
  return entry;
};

const add = (counts: Map<string, number>, word: string): void => {
  const key = counts.has(word) || counts.size < mostNames.words ? word : otherName;
  counts.set(key, (counts.get(key) ?? 0) + 1);
};

const addTokens = (sum: TokenTally, tokens: TokenCounts): void => {
  for (const kind in tokens) {
    const count = tokens[kind as keyof TokenCounts];
    if (count !== null) sum[kind as keyof TokenCounts] = (sum[kind as keyof TokenCounts] ?? 0) + count;
  }
};

const countRequest = (request: FinishedRequest, tally: AccountTally): void => {
  const { status, outcome, firstByteMs, totalMs, tokens } = request;
  add(tally.statuses, status === null ? 'none' : String(status));
  add(tally.outcomes, outcome);
  if (firstByteMs !== null) measure(tally.firstByte, firstByteMs);
  measure(tally.total, totalMs);
  addTokens(tally.tokens, tokens);
};

/** Nothing has been counted yet. */
export const createTally = (): Tally => {
  const accounts = new Map<string, AccountTally>();
  const models = new Map<string, ModelTally>();
  const refusals = new Map<string, number>();
  let costs: readonly AccountCost[] = [];
  let held = 0;

  const account = (name: string): AccountTally =>
    entryOf(accounts, sanitize(name), mostNames.accounts, newAccount);
  const finished = (request: FinishedRequest): void => {
    countRequest(request, account(request.account ?? ''));
    for (const attempt of request.attempts) add(account(attempt.account).verdicts, attempt.verdict);
    const model = request.upstreamModel ?? request.model;
    // Of models that a provider has served alone: names that clients make up must not take the places of real ones.
    if (model === null || request.status === null || request.status >= 400) return;
    const tally = entryOf(models, sanitize(model, 100), mostNames.models, newModel);
    tally.requests += 1;
    addTokens(tally.tokens, request.tokens);
  };

  return {
    observe(event) {
      if (event.type === 'requestFinished') finished(event.request);
      else if (event.type === 'requestHeld') held += 1;
      else if (event.type === 'tokenRefreshed') add(account(event.accountName).refreshes, 'ok');
      else if (event.type === 'tokenRefreshFailed') add(account(event.accountName).refreshes, 'failed');
    },
    refused: (reason) => add(refusals, /^[a-z_]+/.exec(reason)?.[0] ?? otherName),
    setCosts(next) {
      costs = next;
    },
    accounts,
    models,
    refusals,
    costs: () => costs,
    held: () => held,
  };
};
