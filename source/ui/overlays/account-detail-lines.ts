import type { AuditEntry } from '../../shared/audit-entry.ts';
import { zoneOf } from '../../shared/local-time.ts';
import { plural } from '../../shared/plural.ts';
import { sanitize } from '../../shared/sanitize.ts';
import type { AccountView, EpochMs, LimitWindow } from '../../shared/types.ts';
import { accountErrors } from '../../store/account-errors.ts';
import { withForecasts } from '../../store/outlook.ts';
import type { State } from '../../store/state.ts';
import { wrap } from '../fit.ts';
import { looks, orderedWindows, windowLabel, windowTone } from '../panes/account-look.ts';
import { shorten } from '../line.ts';
import type { Theme, Tone } from '../theme.ts';
import { gauge } from '../widgets/gauge.ts';
import {
  auditText,
  errorText,
  orderText,
  overageText,
  pastText,
  planText,
  shareText,
  sourceText,
  standText,
  tokenText,
  useText,
} from '../account-texts.ts';
import { labelWidth, paintedPart, partLines, partRoom, type Part } from './part-lines.ts';

/** What the audit log tells of an account: still asked for, its records, or why there are none. */
export type ToldAudit = 'asked' | readonly AuditEntry[] | { problem: string };

/** So many errors are worth a line. */
const mostErrors = 8;
/** A window's name at its widest. */
const widestLabel = 16;
const usualBar = 10;
/** Of a moment that is over, at its widest: `24 Nov 14:19`. */
const timeWidth = 12;

const titled = (theme: Theme, columns: number, title: string, lines: readonly string[] = []): string[] => [
  '',
  ` ${theme.paint('accent', shorten(theme, title, columns - 1))}`,
  ...lines,
];

const windowLines = (
  theme: Theme,
  window: LimitWindow,
  forecast: NonNullable<AccountView['forecast']>[string] | undefined,
  { columns, width, now }: { columns: number; width: number; now: EpochMs },
): string[] => {
  const room = partRoom(columns, width);
  const tone = windowTone(window);
  const bar =
    room < 40 || window.utilization === null ? '' : gauge(window.utilization, usualBar, theme.glyphs);
  const share = bar === '' ? shareText(window, now).trimStart() : shareText(window, now);
  const margin = bar === '' ? 0 : usualBar + 1;
  const lead = share.length - share.trimStart().length;
  const [first = '', ...rest] = wrap(theme.text(share), room - margin - lead, theme.glyphs.more);
  const painted = [
    `${bar === '' ? '' : `${theme.paint(tone, bar)} `}${' '.repeat(lead)}${tone === 'good' ? first : theme.paint(tone, first)}`,
    ...rest,
    ...wrap(theme.text(sourceText(window, forecast, now)), room, theme.glyphs.more).map((text) =>
      theme.paint('faint', text),
    ),
  ];
  return paintedPart(theme, { label: windowLabel(window), labelTone: 'plain' }, painted, columns, width);
};

const windowsOf = (theme: Theme, account: AccountView, columns: number, now: EpochMs): string[] => {
  const windows = orderedWindows(account.windows);
  if (windows.length === 0) return titled(theme, columns, 'No limits known');
  const longest = Math.max(...windows.map((window) => windowLabel(window).length));
  const width = Math.max(labelWidth, Math.min(longest, widestLabel));
  const place = { columns, width, now };
  return titled(
    theme,
    columns,
    'Limits',
    windows.flatMap((window) => windowLines(theme, window, account.forecast?.[window.id], place)),
  );
};

const errorsOf = (
  theme: Theme,
  state: State,
  account: AccountView,
  columns: number,
  now: EpochMs,
): string[] => {
  const errors = accountErrors(state, account, mostErrors);
  if (errors.length === 0) {
    return titled(theme, columns, `No errors in the newest ${plural(state.rows.length, 'request')}`);
  }
  return titled(
    theme,
    columns,
    'Recent errors',
    errors.flatMap((error) =>
      partLines(
        theme,
        { label: pastText(error.at, now), text: errorText(error), labelTone: 'plain' },
        columns,
        timeWidth,
      ),
    ),
  );
};

const auditOf = (
  theme: Theme,
  audit: ToldAudit,
  { columns, now }: { columns: number; now: EpochMs },
): string[] => {
  if (audit === 'asked')
    return titled(theme, columns, 'Audit', [`   ${theme.text('the audit log is being read')}`]);
  if ('problem' in audit) {
    const problem = { label: '', text: sanitize(audit.problem, 300), tone: 'bad' as const };
    return titled(theme, columns, 'Audit', partLines(theme, problem, columns, 1));
  }
  if (audit.length === 0) return titled(theme, columns, 'Nothing in the audit log');
  return titled(
    theme,
    columns,
    `Audit, in the time of ${zoneOf(now)}`,
    audit.flatMap((entry) => {
      const part = { label: pastText(entry.at, now), text: auditText(entry), labelTone: 'plain' as const };
      return partLines(theme, part, columns, timeWidth);
    }),
  );
};

/** All that is known of an account; as many lines as it needs, none wider than `columns`. */
export const accountDetailLines = (
  theme: Theme,
  state: State,
  view: AccountView,
  { columns, now, audit }: { columns: number; now: EpochMs; audit: ToldAudit },
): string[] => {
  const [account = view] = withForecasts([view], state.use, now);
  const { tone } = looks[account.state];
  const money: Tone = account.onOverage === true ? 'warning' : 'plain';
  const parts: Part[] = [
    { label: 'State', text: standText(account, now), tone },
    { label: 'Used', text: useText(account, now) },
    { label: 'Plan', text: planText(account) },
    { label: 'Overage', text: overageText(account), tone: money },
    { label: 'Login', text: tokenText(account, now) },
    { label: 'Order', text: orderText(account) },
    { label: 'Address', text: sanitize(account.baseUrl, 200) },
  ];
  return [
    ...parts.flatMap((part) => (part.text === '' ? [] : partLines(theme, part, columns))),
    ...windowsOf(theme, account, columns, now),
    ...errorsOf(theme, state, account, columns, now),
    ...auditOf(theme, audit, { columns, now }),
  ];
};
