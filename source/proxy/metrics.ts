import { sanitize } from '../shared/sanitize.ts';
import type { TokenCounts, AccountView } from '../shared/types.ts';
import { exposition, type Family, type HistogramFamily, type Series } from './exposition.ts';
import type { AccountTally, Tally, TokenTally } from './tally.ts';

/** What is looked up when somebody asks, and not counted. */
export type MetricsNow = {
  accounts: readonly AccountView[];
  /** Requests under way, and those of them that wait for an account. */
  inFlight: number;
  heldNow: number;
  /** Events that the main thread never heard of. */
  dropped: number;
};

const tokenKinds: readonly (readonly [keyof TokenCounts, string])[] = [
  ['input', 'input'],
  ['output', 'output'],
  ['cacheRead', 'cache_read'],
  ['cacheWrite5m', 'cache_write_5m'],
  ['cacheWrite1h', 'cache_write_1h'],
];

const ofTokens = (tokens: TokenTally, labels: Series['labels']): Series[] =>
  tokenKinds.flatMap(([kind, type]) => {
    const value = tokens[kind];
    return value === undefined ? [] : [{ labels: { ...labels, type }, value }];
  });

type Words = 'statuses' | 'outcomes' | 'verdicts' | 'refreshes';

const byWord = (accounts: Tally['accounts'], words: Words, label: string): Series[] =>
  [...accounts].flatMap(([account, tally]) =>
    Array.from(tally[words], ([word, value]) => ({ labels: { account, [label]: word }, value })),
  );

const histograms = (accounts: Tally['accounts'], which: 'firstByte' | 'total'): HistogramFamily['series'] =>
  Array.from(accounts, ([account, tally]: [string, AccountTally]) => ({
    labels: { account },
    histogram: tally[which],
  }));

/** What is known of the windows; one by name, though a server may tell of one for several families of models. */
const ofWindows = (
  accounts: readonly AccountView[],
  valueOf: (window: AccountView['windows'][number]) => number | null,
): Series[] =>
  accounts.flatMap((account) => {
    const found = new Map<string, Series>();
    for (const window of account.windows) {
      const { id, scope } = window;
      const label = sanitize(scope === null || id.startsWith('7d_') ? id : `${id}_${scope}`, 100);
      const value = valueOf(window);
      if (value !== null) found.set(label, { labels: { account: labelOf(account), window: label }, value });
    }
    return [...found.values()];
  });

/** The name of an account as the tally has it. */
const labelOf = ({ name }: AccountView): string => sanitize(name);

const plain = (value: number): Series[] => [{ labels: {}, value }];

const accountFamilies = ({ accounts }: Tally): (Family | HistogramFamily)[] => [
  {
    name: 'requests_total',
    type: 'counter',
    help: 'Requests that have ended, by the account that served them last and the status that the client got.',
    series: byWord(accounts, 'statuses', 'status'),
  },
  {
    name: 'request_outcomes_total',
    type: 'counter',
    help: 'Requests that have ended, by how: ok, error, truncated, aborted, rejected.',
    series: byWord(accounts, 'outcomes', 'outcome'),
  },
  {
    name: 'attempts_total',
    type: 'counter',
    help: 'Attempts at an account, by what came of them; several may belong to one request.',
    series: byWord(accounts, 'verdicts', 'verdict'),
  },
  {
    name: 'first_byte_seconds',
    type: 'histogram',
    help: 'From the arrival of a request to the first byte of its answer.',
    series: histograms(accounts, 'firstByte'),
  },
  {
    name: 'request_duration_seconds',
    type: 'histogram',
    help: 'From the arrival of a request to the end of its answer.',
    series: histograms(accounts, 'total'),
  },
  {
    name: 'tokens_total',
    type: 'counter',
    help: 'Tokens that answers told of.',
    series: [...accounts].flatMap(([account, { tokens }]) => ofTokens(tokens, { account })),
  },
  {
    name: 'token_refreshes_total',
    type: 'counter',
    help: 'Renewals of logins that were tried.',
    series: byWord(accounts, 'refreshes', 'result'),
  },
];

const costFamilies = (tally: Tally): Family[] => [
  {
    name: 'cost_usd_total',
    type: 'counter',
    help: 'What requests have cost by the list prices; billing list_value is what a plan was worth, and no money.',
    series: tally
      .costs()
      .flatMap(({ account, billing, usd }) =>
        usd === null ? [] : [{ labels: { account, billing }, value: usd }],
      ),
  },
  {
    name: 'unpriced_requests_total',
    type: 'counter',
    help: 'Requests with tokens whose price is not known: they are in no cost.',
    series: tally
      .costs()
      .flatMap(({ account, billing, unpriced }) =>
        unpriced === 0 ? [] : [{ labels: { account, billing }, value: unpriced }],
      ),
  },
];

const modelFamilies = ({ models }: Tally): Family[] => [
  {
    name: 'model_requests_total',
    type: 'counter',
    help: 'Requests that a model has answered; beyond the first hundred names they are counted as other.',
    series: Array.from(models, ([model, { requests }]) => ({ labels: { model }, value: requests })),
  },
  {
    name: 'model_tokens_total',
    type: 'counter',
    help: 'Tokens by model, as in model_requests_total.',
    series: [...models].flatMap(([model, { tokens }]) => ofTokens(tokens, { model })),
  },
];

const nowFamilies = (tally: Tally, now: MetricsNow): Family[] => [
  { name: 'in_flight', type: 'gauge', help: 'Requests under way.', series: plain(now.inFlight) },
  { name: 'held', type: 'gauge', help: 'Requests that wait for an account.', series: plain(now.heldNow) },
  {
    name: 'held_total',
    type: 'counter',
    help: 'Requests that had to wait for an account.',
    series: plain(tally.held()),
  },
  {
    name: 'account_utilization',
    type: 'gauge',
    help: 'Share of a limit window that is used, 0 to 1 and beyond, as the provider told it last.',
    series: ofWindows(now.accounts, ({ utilization }) => utilization),
  },
  {
    name: 'account_window_reset_timestamp_seconds',
    type: 'gauge',
    help: 'When a limit window begins anew, in seconds since 1970.',
    series: ofWindows(now.accounts, ({ resetsAt }) => (resetsAt === null ? null : resetsAt / 1000)),
  },
  {
    name: 'account_ready',
    type: 'gauge',
    help: 'Whether an account can serve now: 1, or 0.',
    series: now.accounts.map((account) => ({
      labels: { account: labelOf(account) },
      value: account.state === 'ready' || account.state === 'serving' ? 1 : 0,
    })),
  },
  {
    name: 'refused_total',
    type: 'counter',
    help: 'Requests that did not get past the gate, by the reason.',
    series: Array.from(tally.refusals, ([reason, value]) => ({ labels: { reason }, value })),
  },
  {
    name: 'events_dropped_total',
    type: 'counter',
    help: 'Events that were lost because nobody took them in time: screen and history miss them.',
    series: plain(now.dropped),
  },
];

/** What `/metrics` answers. */
export const metricsText = (tally: Tally, now: MetricsNow): string =>
  exposition([
    ...accountFamilies(tally),
    ...costFamilies(tally),
    ...modelFamilies(tally),
    ...nowFamilies(tally, now),
  ]);
