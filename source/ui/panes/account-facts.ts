import { displayWidth } from '../../shared/display-width.ts';
import { localTime } from '../../shared/local-time.ts';
import { sanitize } from '../../shared/sanitize.ts';
import { isLoginKind, type AccountView, type EpochMs, type LimitWindow } from '../../shared/types.ts';
import { forecastText } from '../../store/outlook-words.ts';
import { cell, cellsWidth, line, numberCell, paragraph, type Cell } from '../line.ts';
import { orderText, overageText, tokenText, useText } from '../account-texts.ts';
import type { Theme } from '../theme.ts';
import { gauge, percent } from '../widgets/gauge.ts';
import { percentWidth } from './account-columns.ts';
import { orderedWindows, resetText, windowLabel, windowTone } from './account-look.ts';

/** Before these lines, so that they stand under the name. */
const margin = cell('   ');
/** `7d opus`: usual labels are no longer, so that bars stand under each other from account to account. */
const shortestLabel = 7;
const longestLabel = 14;
const bar = 10;
/** Fewer columns have no room for a bar. */
const barred = 60;

/** What stands beside the windows: nothing, the plan, or all that is known in a few words. */
export type About = 'none' | 'plan' | 'everything';

const isAhead = ({ resetsAt }: LimitWindow, now: EpochMs): boolean => resetsAt !== null && resetsAt > now;

/** When it begins anew, by countdown and by the clock, and what is foretold of it, as far as there is room. */
const resetWords = (
  window: LimitWindow,
  { forecast = {} }: AccountView,
  room: number,
  now: EpochMs,
): string => {
  const left = resetText(window, now);
  if (left.startsWith('—')) return 'reset not known';
  const clock =
    isAhead(window, now) && window.resetsAt !== null ? ` (${localTime(window.resetsAt, now)})` : '';
  const found = Object.hasOwn(forecast, window.id) ? forecast[window.id] : undefined;
  const ahead = found === undefined ? '' : `; ${forecastText(found, window.resetsAt, now)}`;
  const bare = `resets ${left === 'now' ? left : `in ${left}`}`;
  const forms = [`${bare}${clock}${ahead}`, `${bare}${ahead}`, `${bare}${clock}`, bare];
  return forms.find((each) => displayWidth(each) <= room) ?? left;
};

const windowLine = (
  theme: Theme,
  account: AccountView,
  window: LimitWindow,
  { width, label, now }: { width: number; label: number; now: EpochMs },
): string => {
  const tone = windowTone(window);
  const gauged: Cell = { text: gauge(window.utilization, bar, theme.glyphs), width: bar, tone };
  const cells: Cell[] = [
    margin,
    { text: windowLabel(window), width: label, tone: 'faint' },
    ...(width < barred ? [] : [gauged]),
    numberCell(percent(window.utilization), percentWidth, tone === 'good' ? 'plain' : tone),
  ];
  const room = width - cellsWidth(cells) - 1;
  const reset = {
    text: resetWords(window, account, room, now),
    width: Math.max(0, room),
    tone: 'faint' as const,
  };
  return line(theme, [...cells, reset], width);
};

/** Nothing is known of it, as after its reset until somebody tells: it is no more than a name. */
const isBare = ({ utilization, resetsAt, status }: LimitWindow): boolean =>
  utilization === null && resetsAt === null && status === null;

/** Whose plan it is; empty where its provider told nothing of it. */
const planWords = ({ kind, plan, organization }: AccountView): string =>
  [
    plan === undefined ? '' : `plan ${sanitize(plan, 60)}`,
    organization === undefined ? '' : `organisation ${sanitize(organization, 100)}`,
    isLoginKind(kind) && plan === undefined && organization === undefined ? 'its plan is not known yet' : '',
  ]
    .filter((part) => part !== '')
    .join(', ');

/** What it does and where it stands among the others; how long its token lasts, and whether it serves for money. */
const everythingWords = (account: AccountView, now: EpochMs): string[] =>
  [
    [useText(account, now), orderText(account)],
    [tokenText(account, now), overageText(account)],
  ].map((parts) => parts.filter((part) => part !== '').join('; '));

/**
 * What the row of an account has no place for: each of these windows in a line of its own, with the moment of its reset
 * and what is foretold of it, those of which nothing is known in one together; before them its plan, where that is known, behind them the rest where `everything` is asked
 * for. No line where nothing of that is.
 */
export const factLines = (
  theme: Theme,
  account: AccountView,
  windows: readonly LimitWindow[],
  { width, now, about }: { width: number; now: EpochMs; about: About },
): string[] => {
  const ordered = orderedWindows(windows);
  const told = ordered.filter((each) => !isBare(each));
  const label = Math.min(
    longestLabel,
    Math.max(
      about === 'none' || width < barred ? 0 : shortestLabel,
      ...told.map((each) => displayWidth(windowLabel(each))),
    ),
  );
  const bare = ordered.filter(isBare).map(windowLabel).join(', ');
  const words = about === 'none' ? '' : planWords(account);
  const rest = about === 'everything' ? everythingWords(account, now) : [];
  return [
    ...(words === '' ? [] : [line(theme, [margin, { text: words, width, tone: 'faint' }], width)]),
    ...told.map((window) => windowLine(theme, account, window, { width, label, now })),
    ...(bare === ''
      ? []
      : paragraph(theme, `${bare}: not known yet`, { columns: width, margin: 4, tone: 'faint' })),
    ...rest.flatMap((text) => paragraph(theme, text, { columns: width, margin: 4, tone: 'faint' })),
  ];
};
