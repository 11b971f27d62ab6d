import { countdown, inTime } from '../../shared/duration.ts';
import { sanitize } from '../../shared/sanitize.ts';
import { accountStates, type AccountStateName, type AccountView, type EpochMs } from '../../shared/types.ts';
import { serves } from '../../store/selectors.ts';
import { nobodySentence } from '../../store/sentences.ts';
import type { State } from '../../store/state.ts';
import { fit, wrap } from '../fit.ts';
import { standardKeys, type Keymap } from '../keymap.ts';
import type { Size } from '../layout.ts';
import type { Theme } from '../theme.ts';

/** After a proxy thread has begun to listen, its accounts appear, and are as if nothing were known of them. */
const settleMs = 1000;

/** In so many columns there is room for whole sentences, and in so many rows for two lines. */
const roomyColumns = 46;
const roomyRows = 10;

/** In how many ms the accounts of a proxy that has just begun to listen mean something; Infinity when they do. */
export const bannerChangesIn = ({ told }: Pick<State, 'told'>, now: EpochMs): number => {
  const left = told.listeningAt === null ? 0 : told.listeningAt + settleMs - now;
  return left > 0 && left <= settleMs ? left : Infinity;
};

/** Nobody serves now, and that is not over in a moment. */
const isDry = (state: State, now: EpochMs): boolean => {
  const { url, accounts, told } = state;
  if (url === null || accounts.length === 0 || accounts.some((account) => serves(account.state)))
    return false;
  if (accounts.some((account) => account.state === 'refreshing')) return false;
  if (told.nobody) return true;
  return bannerChangesIn(state, now) === Infinity && nobodySentence(accounts, now) !== null;
};

const stateWords: Readonly<Partial<Record<AccountStateName, string>>> = { 'needs-login': 'need a login' };

/** `3 limited, 1 paused`; `all are paused` where all are in one state. */
const statesText = (accounts: readonly AccountView[]): string => {
  const counts = accountStates
    .map((state) => ({ state, count: accounts.filter((account) => account.state === state).length }))
    .filter(({ count }) => count > 0);
  const [only, ...others] = counts;
  if (only !== undefined && others.length === 0) {
    return stateWords[only.state] === undefined ? `all are ${only.state}` : `all ${stateWords[only.state]}`;
  }
  return counts.map(({ state, count }) => `${count} ${stateWords[state] ?? state}`).join(', ');
};

/** The account that is back first, as far as anybody knows. */
const firstBack = (accounts: readonly AccountView[]): AccountView | null =>
  accounts
    .filter(({ paused, availableAt }) => !paused && availableAt !== null)
    .toSorted((a, b) => (a.availableAt ?? 0) - (b.availableAt ?? 0))[0] ?? null;

type Remedy = { of: (account: AccountView) => boolean; action: string; does: string; short: string };

/** What a person can do to have an account serve again, the surest first. */
const remedies: readonly Remedy[] = [
  {
    of: ({ state, kind }) => state === 'needs-login' && kind === 'login',
    action: 'account.login',
    does: 'on one signs in again',
    short: 'signs in',
  },
  { of: ({ paused }) => paused, action: 'account.toggle', does: 'on one resumes it', short: 'resumes one' },
  { of: () => true, action: 'account.add', does: 'adds an account', short: 'adds one' },
];

/** The key to press and what it does; null where none helps. */
const remedyOf = (
  { accounts }: State,
  { keys = standardKeys, readOnly = false, columns }: BannerPlace,
): string | null => {
  if (readOnly) return null;
  for (const { of, action, does, short } of remedies) {
    const key = keys.keyOf(action);
    if (key !== null && accounts.some(of)) return `${key} ${columns < roomyColumns ? short : does}`;
  }
  return null;
};

const dryText = (state: State, place: BannerPlace): string => {
  const { accounts } = state;
  const first = firstBack(accounts);
  const back = first === null ? null : `back ${inTime(countdown(first.availableAt, place.now))}`;
  const states = statesText(accounts);
  const remedy = remedyOf(state, place);
  if (place.columns < roomyColumns) return `none serves: ${back ?? remedy ?? states}`;
  const until = first === null || back === null ? '' : `${sanitize(first.name, 20)} is ${back}; `;
  const help = remedy === null ? '' : `; ${remedy}`;
  return `no account can serve: ${until}${states}${help}`;
};

const diedText = (why: string, columns: number): string =>
  columns < roomyColumns
    ? 'proxy died, starting again'
    : `the proxy's thread died and cut its requests, starting it again: ${sanitize(why, 300)}`;

/** What can be done comes before what may be cut. */
const lostText = (why: string, { columns, keys = standardKeys }: BannerPlace): string => {
  if (columns < roomyColumns) return `lost, trying again: ${sanitize(why, 300)}`;
  const key = keys.keyOf('quit');
  return `connection lost, trying again${key === null ? '' : ` (${key} leaves)`}: ${sanitize(why, 300)}`;
};

export type BannerPlace = {
  /** Why the instance that is shown cannot be heard; null = it can. */
  lost: string | null;
  now: EpochMs;
  columns: number;
  keys?: Keymap;
  /** The instance refuses whatever changes something. */
  readOnly?: boolean;
};

/**
 * What must not scroll away as long as it is so, and the key that helps: the connection to the instance is lost, the
 * thread of its proxy has died, or no account can serve. null when all is well.
 */
export const bannerText = (state: State, place: BannerPlace): string | null => {
  if (place.lost !== null) return lostText(place.lost, place);
  if (state.proxyDied !== undefined) return diedText(state.proxyDied, place.columns);
  return isDry(state, place.now) ? dryText(state, place) : null;
};

/** So few columns, or rows, have room for one line of it. */
const mostLines = ({ columns, rows }: Size): number => (columns < roomyColumns || rows < roomyRows ? 1 : 2);

/** The lines under the header; none for no text. What finds no room in the last of them is cut. */
export const bannerLines = (theme: Theme, text: string | null, size: Size): string[] => {
  if (text === null) return [];
  const margin = size.columns < roomyColumns ? '' : ' ';
  const lead = `${margin}${theme.glyphs.cross} `;
  const width = size.columns - lead.length;
  const lines = wrap(theme.text(text), width, theme.glyphs.more);
  const most = mostLines(size);
  const kept = lines.slice(0, most - 1);
  const last = lines.slice(most - 1).join(' ');
  const shown = last === '' ? kept : [...kept, fit(last, width, 'left', theme.glyphs.more).trimEnd()];
  return shown.map((each, index) =>
    theme.paint('bad', `${index === 0 ? lead : ' '.repeat(lead.length)}${each}`),
  );
};
