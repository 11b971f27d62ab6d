import { overageWords, restrictionText } from '../shared/account-limits.ts';
import type { AuditEntry } from '../shared/audit-entry.ts';
import { countdown } from '../shared/duration.ts';
import { isExtra } from '../shared/limit-window.ts';
import { localTime, timeOfDay, withZone } from '../shared/local-time.ts';
import { plural } from '../shared/plural.ts';
import { sanitize } from '../shared/sanitize.ts';
import { isLoginKind, type AccountView, type EpochMs, type LimitWindow } from '../shared/types.ts';
import type { AccountError } from '../store/account-errors.ts';
import { forecastText } from '../store/outlook-words.ts';
import { errorWords } from '../store/wording.ts';
import { resetText } from './panes/account-look.ts';
import { shortModel } from './panes/request-texts.ts';
import { percent } from './widgets/gauge.ts';

// What is said of one account, as texts that are safe on a terminal; empty where nothing is to be said.

const joined = (parts: readonly string[], by = ', '): string => parts.filter((part) => part !== '').join(by);

const sameDayMs = 20 * 3_600_000;

/** A moment that is over: its time of day, with its day when that was another one. */
export const pastText = (at: EpochMs, now: EpochMs): string =>
  now - at < sameDayMs ? timeOfDay(at) : localTime(at, now);

/** How it stands, why, and when it serves again: `paused by you` says the first two at once. */
export const standText = ({ state, reason, availableAt, preferred }: AccountView, now: EpochMs): string => {
  const why = reason === null ? '' : sanitize(reason, 300);
  const isInWhy = why === state || why.startsWith(`${state} `);
  return joined(
    [
      joined([isInWhy ? why : state, preferred === true ? 'preferred for new work' : '']),
      isInWhy ? '' : why,
      availableAt === null ? '' : `again in ${countdown(availableAt, now)}, ${withZone(availableAt)}`,
    ],
    '; ',
  );
};

/** What it is doing, and what it has done since the start of the instance. */
export const useText = ({ inFlight, requests, lastUsedAt }: AccountView, now: EpochMs): string =>
  joined([
    `${inFlight} in flight`,
    `${plural(requests, 'request')} since the start`,
    lastUsedAt === null ? 'not used yet' : `last at ${pastText(lastUsedAt, now)}`,
  ]);

const kindWords: Readonly<Record<AccountView['kind'], string>> = {
  'api-key': 'API key, paid by the token',
  login: 'Claude login',
  'setup-token': 'Claude login (setup token)',
  compatible: 'key of a compatible provider',
  openai: 'key of an OpenAI-compatible provider',
  passthrough: "the client's own credential",
};

/** What it is and whose, as far as its provider told. */
export const planText = ({ kind, plan, organization }: AccountView): string =>
  joined([
    kindWords[kind],
    plan === undefined ? '' : `plan ${sanitize(plan, 60)}`,
    organization === undefined ? '' : sanitize(organization, 100),
  ]);

/** Whether it may serve for money beyond its plan, and does; empty for an account that has no plan. */
export const overageText = ({ kind, overage = 'allow', onOverage, windows }: AccountView): string => {
  if (!isLoginKind(kind) && onOverage !== true && !windows.some(isExtra)) return '';
  const may = overage === 'allow' ? 'paid overage is used when nothing else is left' : overageWords(overage);
  return joined([onOverage === true ? 'serves from paid overage now: this costs money' : '', may], '; ');
};

/** How long the token of a login lasts; empty for what has none. */
export const tokenText = ({ kind, tokenExpiresAt }: AccountView, now: EpochMs): string => {
  if (tokenExpiresAt === undefined) return isLoginKind(kind) ? 'when its token ends is not known' : '';
  if (tokenExpiresAt <= now) return `its token ended ${withZone(tokenExpiresAt)}`;
  return `its token lasts ${countdown(tokenExpiresAt, now)}, until ${withZone(tokenExpiresAt)}`;
};

/** Where it stands among the others, a weight that is not the usual one, and what its owner keeps it from. */
export const orderText = ({ onOverage: _said, ...account }: AccountView): string =>
  joined(
    [
      joined([`priority ${account.priority}`, account.weight === 1 ? '' : `weight ${account.weight}`]),
      sanitize(restrictionText({ ...account, overage: 'allow' }), 300),
    ],
    '; ',
  );

/** How much of a window is used, and when it begins anew. */
export const shareText = (window: LimitWindow, now: EpochMs): string => {
  const { resetsAt, utilization } = window;
  const left = resetText(window, now);
  const reset =
    resetsAt === null
      ? 'reset not known'
      : left.startsWith('—')
        ? `a reset that cannot be: ${withZone(resetsAt)}`
        : `resets ${resetsAt <= now ? 'now' : `in ${left}`}, ${withZone(resetsAt)}`;
  return `${percent(utilization).padStart(4)} ${reset}`;
};

/** Where the figures of a window are from, and what is foretold of it. */
export const sourceText = (
  window: LimitWindow,
  forecast: NonNullable<AccountView['forecast']>[string] | undefined,
  now: EpochMs,
): string => {
  const { status, source, seenAt, resetsAt } = window;
  const from = source === 'usage' ? 'read from the usage endpoint' : 'told by an answer';
  const stale = resetText(window, now).endsWith('?') ? ', stale' : '';
  return joined(
    [
      status === null ? '' : sanitize(status, 40),
      `${from} at ${pastText(seenAt, now)}${stale}`,
      forecast === undefined ? '' : forecastText(forecast, resetsAt, now),
    ],
    '; ',
  );
};

/** One thing that went wrong: `429 limited 5h, opus-5.5, team-b answered`. */
export const errorText = ({ status, word, window, model, error, passedTo }: AccountError): string =>
  joined([
    joined(
      [
        status === null ? 'no answer' : String(status),
        status === null && word === 'no answer' ? '' : sanitize(word, 40),
        sanitize(window ?? '', 40),
      ],
      ' ',
    ),
    model === null ? '' : shortModel(model),
    error === null ? '' : errorWords(error).slice(0, 200),
    passedTo === null ? '' : `passed on to ${sanitize(passedTo, 60)}`,
  ]);

/** What records of the audit log mean; one that is not here keeps its name. */
const auditWords: Readonly<Record<string, string>> = {
  'account.added': 'added',
  'account.removed': 'removed',
  'account.signedIn': 'signed in again',
  'account.paused': 'paused',
  'account.resumed': 'resumed',
  'account.reset': 'its limit mark was cleared',
  'account.preferred': 'preferred for new work',
  'accounts.paused': 'paused with others',
  'accounts.resumed': 'resumed with others',
  'account.renamed': 'renamed',
  'account.changed': 'changed',
  'token.refreshed': 'its login was renewed',
  'token.stored': 'its renewed login was stored',
  'token.refreshFailed': 'its login was not renewed',
  'token.unstored': 'its renewed login was not stored',
};

const viaWords: Readonly<Record<string, string>> = {
  cli: 'by a command',
  screen: 'on the screen',
  attached: 'on an attached screen',
  instance: 'by itself',
};

const wordOf = (words: Readonly<Record<string, string>>, name: string): string =>
  Object.hasOwn(words, name) ? (words[name] ?? '') : sanitize(name, 40);

/** One record of the audit log: `changed, by a command: priority 5`. */
export const auditText = ({ event, via, detail }: AuditEntry): string => {
  const what = joined([wordOf(auditWords, event), wordOf(viaWords, via)]);
  return detail === '' ? what : `${what}: ${sanitize(detail, 300)}`;
};
