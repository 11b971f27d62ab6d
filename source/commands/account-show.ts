import { resolvePaths } from '../config/paths.ts';
import { loadSettings } from '../config/settings.ts';
import { findAccount } from '../credentials/find-account.ts';
import { countdown, elapsed } from '../shared/duration.ts';
import type { WindowForecast } from '../shared/forecast.ts';
import { localTime } from '../shared/local-time.ts';
import { secretPlaces } from '../shared/secret-place.ts';
import type { AccountRecord, AccountView, EpochMs } from '../shared/types.ts';
import { wholePercent } from '../shared/whole-percent.ts';
import { forecastText } from '../store/outlook-words.ts';
import { accountJson, isStale } from './account-json.ts';
import { readAccounts } from './account-list.ts';
import { capsText, concurrentText, modelsText, overageText } from './account-words.ts';
import type { CommandContext } from './context.ts';
import { printJson, printLines } from './print.ts';

type Row = readonly [label: string, text: string];

const stateText = ({ state, reason, availableAt }: AccountView, now: EpochMs): string => {
  const back = availableAt === null ? '' : `; back in ${countdown(availableAt, now)}`;
  return reason === null ? state : `${state}: ${reason}${back}`;
};

const usedText = ({ requests, inFlight, lastUsedAt }: AccountView, now: EpochMs): string =>
  [
    `${requests} since the start`,
    `${inFlight} in flight`,
    lastUsedAt === null ? 'not used yet' : `last at ${localTime(lastUsedAt, now)}`,
  ].join(', ');

/** One window: how much of it is used, until when, and how old that news is. */
export const windowRow = (
  window: AccountView['windows'][number],
  now: EpochMs,
  forecast?: WindowForecast,
): Row => {
  const share = window.utilization === null ? 'unknown' : `${wholePercent(window.utilization)}% used`;
  const resets = window.resetsAt === null ? '' : `, resets in ${countdown(window.resetsAt, now)}`;
  const scope = window.scope === null ? '' : ` (${window.scope})`;
  const from = window.source === 'usage' ? 'read' : 'told';
  const age = `${from} ${elapsed(now - window.seenAt)} ago${isStale(window, now) ? ', stale' : ''}`;
  const ahead = forecast === undefined ? '' : `; ${forecastText(forecast, window.resetsAt, now)}`;
  return [`${window.id}${scope}`, `${share}${resets}${ahead}; ${age}`];
};

/** What is kept of an account beside its view; none of it is known of one that an instance made this moment. */
const recordRows = (record: AccountRecord | undefined, now: EpochMs): Row[] => {
  if (record === undefined) return [];
  const { login } = record;
  return [
    [
      'secret',
      login?.linkedTo ? `in Claude Code's own store, ${login.linkedTo}` : `in ${secretPlaces[record.store]}`,
    ],
    ['added', localTime(record.createdAt, now)],
  ];
};

const rowsOf = (view: AccountView, record: AccountRecord | undefined, now: EpochMs): Row[] => [
  ['kind', view.kind],
  ...(view.plan === undefined ? [] : [['plan', view.plan] as const]),
  ...(view.organization === undefined ? [] : [['owner', view.organization] as const]),
  ['address', view.baseUrl],
  ['state', stateText(view, now)],
  ...(view.tokenExpiresAt === undefined
    ? []
    : [['token', `lasts ${countdown(view.tokenExpiresAt, now)}`] as const]),
  [
    'order',
    `priority ${view.priority}, weight ${view.weight}${view.preferred ? ', preferred for new work' : ''}`,
  ],
  ['caps', capsText(view.caps)],
  ['models', modelsText(view.models)],
  ['overage', `${overageText(view.overage)}${view.onOverage ? ', and it serves from it now' : ''}`],
  ['at once', concurrentText(view.concurrent)],
  ['requests', usedText(view, now)],
  ...recordRows(record, now),
  ...view.windows.map((window) => windowRow(window, now, view.forecast?.[window.id])),
];

/** `account show NAME`: all that is known of one account, from the running instance, else from its record. */
export const run = async (context: CommandContext): Promise<number> => {
  const { positionals, options, env, stdout, clock } = context;
  const { accounts } = loadSettings({ paths: resolvePaths(env), env, flags: {} });
  const views = await readAccounts(context);
  const view = findAccount(views, positionals[0] ?? '');
  const now = clock.now();
  if (options['json'] === true) {
    await printJson(stdout, accountJson(view, now));
    return 0;
  }
  const rows = rowsOf(
    view,
    accounts.find(({ id }) => id === view.id),
    now,
  );
  const width = Math.max(...rows.map(([label]) => label.length));
  await printLines(stdout, [view.name, ...rows.map(([label, text]) => `  ${label.padEnd(width)}  ${text}`)]);
  return 0;
};
