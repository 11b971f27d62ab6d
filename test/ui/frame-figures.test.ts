import { describe, expect, it } from 'vitest';
import { asDuration, asEpoch } from '../../source/shared/types.ts';
import type { AccountView, LimitWindow, RequestId } from '../../source/shared/types.ts';
import type { PricedRequest, State } from '../../source/store/state.ts';
import type { Trend } from '../../source/store/trends.ts';
import { makeFrame } from '../../source/ui/frame.ts';
import type { Size } from '../../source/ui/layout.ts';
import { accountDetailLines } from '../../source/ui/overlays/account-detail-lines.ts';
import { detailLines } from '../../source/ui/overlays/detail-lines.ts';
import { bannerText } from '../../source/ui/panes/banner.ts';
import { listFilter } from '../../source/ui/request-list.ts';
import { createTheme } from '../../source/ui/theme.ts';
import { firstView, type View } from '../../source/ui/view.ts';
import { accountOf, doneRow, emptyState, windowOf } from './sample.ts';

const theme = createTheme({ ascii: false, color: false });
const minute = 60_000;
const hour = 60 * minute;
const now = asEpoch(new Date(2026, 10, 22, 14, 7, 5).getTime());
const at = (ms: number) => asEpoch(now + ms);

const seen = { seenAt: at(-2000) };
const work = accountOf('work', {
  kind: 'login',
  priority: 83,
  weight: 17,
  inFlight: 9,
  requests: 4321,
  lastUsedAt: at(-33_000),
  tokenExpiresAt: at(7 * hour + 19 * minute),
  windows: [
    { ...windowOf('5h', 0.864, null), resetsAt: at(87 * minute), ...seen },
    { ...windowOf('7d', 0.372, null), resetsAt: at(79 * hour), ...seen },
  ],
});
const trend: Trend = {
  account: work.id,
  window: '5h',
  scope: null,
  resetsAt: at(87 * minute),
  readings: [4, 3, 2, 1, 0].map((back) => ({
    at: at(-2000 - back * 900_000),
    used: 0.864 - back * 0.1,
    servedUsd: null,
  })),
};
const request: Partial<PricedRequest> = {
  at: at(-15_000),
  model: 'claude-opus',
  upstreamModel: 'claude-opus',
  waitMs: asDuration(70),
  firstByteMs: asDuration(412),
  totalMs: asDuration(8300),
  tokens: { input: 1900, output: 655, cacheRead: 7600, cacheWrite5m: 500, cacheWrite1h: 0 },
  costUsd: 0.0213,
  cacheSavedUsd: 0.0377,
  limits: [{ id: '5h', scope: null, utilization: 0.91, status: 'allowed', resetsAt: at(hour) }],
};
const state: State = {
  ...emptyState,
  budgets: [{ budget: 'all', share: 0.64, hard: true, resetsAt: at(hour) }],
  dropped: 3,
  url: 'http://localhost',
  accounts: [work],
  use: { servedUsd: {}, trends: [trend] },
  rows: [doneRow(1, request)],
  seen: 1,
  inFlight: 6,
  log: [{ seq: 1, at: at(-70 * minute), level: 'info', text: 'said' }],
};

type Screen = (state: State) => string;
const screen =
  (size: Size, part: Partial<View> | ((drawn: State) => Partial<View>) = {}): Screen =>
  (drawn) => {
    const { header, accounts, requests, log, footer } = makeFrame({
      state: drawn,
      view: { ...firstView, ...(typeof part === 'function' ? part(drawn) : part) },
      size,
      notice: null,
      theme,
      now,
    });
    return [header, ...accounts, ...requests, ...log, footer].join('\n');
  };
const found = listFilter('client:default');
const list = { ...firstView.list, filter: found.ok ? found.filter : null };
const requestPage: Screen = ({ rows: [row] }) =>
  row === undefined ? '' : detailLines(theme, row, 110, now).join('\n');
/** As it is while the account waits for its 5-hour window. */
const banner: Screen = (drawn) => {
  const accounts = drawn.accounts.map((account): AccountView => {
    const availableAt = account.windows[0]?.resetsAt ?? null;
    return { ...account, state: 'limited', availableAt };
  });
  const told = { ...drawn.told, nobody: true };
  return bannerText({ ...drawn, accounts, told }, { lost: null, now, columns: 100 }) ?? '';
};
const detail: Screen = (drawn) =>
  accountDetailLines(theme, drawn, drawn.accounts[0] ?? work, { columns: 110, now, audit: [] }).join('\n');

const screens: Readonly<Record<string, Screen>> = {
  wide: screen({ columns: 150, rows: 40 }),
  narrow: screen({ columns: 60, rows: 20 }),
  tiny: screen({ columns: 30, rows: 6 }),
  zoomed: screen({ columns: 100, rows: 30 }, { zoomed: true }),
  detail,
  request: requestPage,
  banner,
  columns: screen({ columns: 200, rows: 30 }, { pane: 'requests', columns: { scrolled: 0, wide: true } }),
  filtered: screen({ columns: 100, rows: 30 }, { list }),
  'filtered, tiny': screen({ columns: 40, rows: 8 }, { list }),
  frozen: screen({ columns: 100, rows: 30 }, ({ rows }) => ({ frozen: { rows, seen: 0 } })),
};

const withAccount = (part: Partial<AccountView>): State => ({ ...state, accounts: [{ ...work, ...part }] });
const withWindows = (part: Partial<LimitWindow>): State =>
  withAccount({ windows: work.windows.map((window) => ({ ...window, ...part })) });
const withRequest = (part: Partial<PricedRequest>): State => ({
  ...state,
  rows: [doneRow(1, { ...request, ...part })],
});
const withTokens = (part: Partial<PricedRequest['tokens']>): State =>
  withRequest({
    tokens: { input: 1900, output: 655, cacheRead: 7600, cacheWrite5m: 500, cacheWrite1h: 0, ...part },
  });

type Figure = {
  /** The field of the state that it is made of. */
  source: string;
  /** As it is drawn, the words with it. */
  drawn: RegExp;
  /** The state with something else in that field: then it is not drawn so. */
  changed: State;
};

const date = String.raw`\w{3} \d+ \w{3} \d{4} \d\d:\d\d:\d\d UTC[-+:\d]*`;
const figures: readonly Figure[] = [
  {
    source: 'rows.request.limits',
    drawn: /after it 5h 91% until \d\d:\d\d/g,
    changed: withRequest({ limits: [] }),
  },
  {
    source: 'accounts.windows.resetsAt',
    drawn: new RegExp(String.raw`resets in \w+, ${date}|resets in \w+ \([^)]*\)|(?<=% +)(?:1h27m|3d7h)`, 'g'),
    changed: withWindows({ resetsAt: null }),
  },
  {
    source: 'use.trends.readings',
    drawn: /empty at ~\d\d:\d\d, [\dhm]+(?: min)? before its reset|~\d\d:\d\d/g,
    changed: { ...state, use: { servedUsd: {}, trends: [] } },
  },
  {
    source: 'accounts.tokenExpiresAt',
    drawn: new RegExp(`its token lasts \\w+, until ${date}`, 'g'),
    changed: withAccount({ tokenExpiresAt: at(hour) }),
  },
  {
    source: 'accounts.windows.seenAt',
    drawn: /told by an answer at [\d:]+/g,
    changed: withWindows({ seenAt: at(-9000) }),
  },
  { source: 'accounts.lastUsedAt', drawn: /last at [\d:]+/g, changed: withAccount({ lastUsedAt: null }) },
  {
    source: 'accounts.windows.utilization',
    drawn: /\b(?:86|37)%/g,
    changed: withWindows({ utilization: null }),
  },
  {
    source: 'accounts.requests',
    drawn: /\b4321\b(?: requests since the start)?/g,
    changed: withAccount({ requests: 0 }),
  },
  { source: 'accounts.inFlight', drawn: /\b9\b(?: in flight)?/g, changed: withAccount({ inFlight: 0 }) },
  { source: 'inFlight', drawn: /\b6 (?:in flight|open)/g, changed: { ...state, inFlight: 0 } },
  { source: 'accounts.priority', drawn: /priority 83/g, changed: withAccount({ priority: 1 }) },
  { source: 'accounts.weight', drawn: /weight 17/g, changed: withAccount({ weight: 1 }) },
  {
    source: 'accounts.state',
    drawn: /1 account, 1 ready|1\/1 ready/g,
    changed: withAccount({ state: 'paused', paused: true }),
  },
  {
    source: 'rows',
    drawn: /1 req\/min|1\/min|newest 1 request|\b1 of 1\b|filter 1\/1\b/g,
    changed: { ...state, rows: [], seen: 0 },
  },
  { source: 'seen', drawn: /\b1 new\b/g, changed: { ...state, seen: 0 } },
  { source: 'dropped', drawn: /3 events lost/g, changed: { ...state, dropped: 0 } },
  { source: 'budgets.share', drawn: /budget 64%/g, changed: { ...state, budgets: [] } },
  { source: 'accounts.availableAt', drawn: /back in 1h27m/g, changed: withWindows({ resetsAt: null }) },
  {
    source: 'rows.request.outcome',
    drawn: /0 err(?:\/5m)?/g,
    changed: withRequest({ outcome: 'error', status: 500 }),
  },
  {
    source: 'rows.request.at',
    drawn: new RegExp(`${date}|14:06:50`, 'g'),
    changed: withRequest({ at: at(-16_000) }),
  },
  { source: 'rows.request.status', drawn: /200 ok/g, changed: withRequest({ status: 201 }) },
  { source: 'rows.request.waitMs', drawn: /70ms/g, changed: withRequest({ waitMs: asDuration(71) }) },
  { source: 'rows.request.firstByteMs', drawn: /412ms|342ms/g, changed: withRequest({ firstByteMs: null }) },
  {
    source: 'rows.request.totalMs',
    drawn: /8\.3s|7\.9s/g,
    changed: withRequest({ totalMs: asDuration(1000) }),
  },
  { source: 'rows.request.tokens.input', drawn: /1\.9k/g, changed: withTokens({ input: null }) },
  { source: 'rows.request.tokens.output', drawn: /\b655\b/g, changed: withTokens({ output: null }) },
  {
    source: 'rows.request.tokens.cacheRead',
    drawn: /76%|7\.6k read/g,
    changed: withTokens({ cacheRead: null }),
  },
  {
    source: 'rows.request.tokens.cacheWrite5m',
    drawn: /500 written for 5m/g,
    changed: withTokens({ cacheWrite5m: 0 }),
  },
  {
    source: 'rows.request.cacheSavedUsd',
    drawn: /~0\.0377 USD/g,
    changed: withRequest({ cacheSavedUsd: null }),
  },
  { source: 'rows.request.costUsd', drawn: /~?0\.0213(?: USD)?/g, changed: withRequest({ costUsd: null }) },
  { source: 'rows.request.path', drawn: /\/v1\/messages/g, changed: withRequest({ path: '/' }) },
  {
    source: 'rows.request.clientAddress',
    drawn: /127\.0\.0\.1/g,
    changed: withRequest({ clientAddress: '::1' }),
  },
  { source: 'rows.request.id', drawn: /\br1\b/g, changed: withRequest({ id: 'r' as RequestId }) },
  {
    source: 'rows.request.upstreamRequestId',
    drawn: /req_1/g,
    changed: withRequest({ upstreamRequestId: null }),
  },
  { source: 'log.at', drawn: /12:57(?::05)?/g, changed: { ...state, log: [] } },
  { source: 'accounts.windows.id', drawn: /\b[57][hd](?= )/g, changed: withAccount({ windows: [] }) },
];

/** What is no figure: the number of a pane, the clock on the wall, and how many columns have no room. */
const constants = /\d (?:Accounts|Requests|Log)|14:07$|\d more columns?(?= \(l\))/gm;

describe('the figures of the screen', () => {
  it.each(Object.entries(screens))('have a field of the state that they are from: %s', (_, draw) => {
    let text = draw(state).replaceAll(constants, '');
    for (const { drawn } of figures) text = text.replaceAll(drawn, '');
    expect(text.split('\n').filter((line) => /\d/.test(line))).toEqual([]);
  });

  it.each(figures)('follow it: $source', ({ drawn, changed }) => {
    const read = (from: State): string[] =>
      Object.values(screens).flatMap((draw) => draw(from).match(drawn) ?? []);
    const before = read(state);
    expect(before.length).toBeGreaterThan(0);
    expect(read(changed)).not.toEqual(before);
  });

  it('are dashes, and never 0, where the field tells nothing', () => {
    const unknown: State = {
      ...withWindows({ utilization: null, resetsAt: null }),
      use: { servedUsd: {}, trends: [] },
      rows: withTokens({ input: null, output: null, cacheRead: null }).rows,
    };
    const [, , row = ''] = screens['wide']?.(unknown).split('\n').slice(1) ?? [];
    expect(row).toMatch(/ready(?: +—){6} +4321/);
    const listed =
      screens['wide']?.(unknown)
        .split('\n')
        .find((line) => line.includes('200 ok')) ?? '';
    expect(listed).toMatch(/8\.3s +— +— +—/);
    expect(detail(unknown)).not.toMatch(/ 0%/);
  });
});
