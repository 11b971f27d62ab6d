import { timeOfDay } from '../shared/local-time.ts';
import type { NotifyWay } from '../shared/look.ts';
import { sanitize } from '../shared/sanitize.ts';
import type { Clock } from '../shared/clock.ts';
import type { EpochMs } from '../shared/types.ts';
import { createNotices, type Notice } from '../store/notices.ts';
import { createPoolWatch } from '../store/pool-dry.ts';
import type { Session } from '../store/session.ts';
import type { State } from '../store/state.ts';

/** The code for each way; the text has no control character, and nothing that would end a field. */
const codes: Readonly<Record<NotifyWay, (text: string) => string>> = {
  off: () => '',
  bell: () => '\u0007',
  // A text that begins with a digit would be one of ConEmu's commands.
  osc9: (text) => `\u001B]9;${text}\u0007`,
  osc99: (text) => `\u001B]99;;${text}\u001B\\`,
  osc777: (text) => `\u001B]777;notify;ccr-tui;${text}\u001B\\`,
};

/** What is sent to the terminal to tell that; empty where nothing is. Of any text at most 200 characters. */
export const notifyCode = (way: NotifyWay, text: string): string =>
  codes[way](`ccr-tui: ${sanitize(text, 200).replaceAll(';', ',')}`);

/** Of one kind at most so often: accounts that are reset together are back together. */
const mostOftenMs = 5000;

const wanted: ReadonlySet<Notice['event']> = new Set(['account_back', 'pool_dry']);

const wordsOf = ({ event, text, resetsAt }: Notice): string => {
  if (event !== 'pool_dry') return text;
  return `no account can serve${resetsAt === null ? '' : ` until ${timeOfDay(resetsAt)}`}`;
};

/** Turns what became of the accounts between two states into notices. */
const createReading = (): ((state: State, at: EpochMs) => Notice[]) => {
  const sources = [createNotices(), createPoolWatch()];
  let before: State['accounts'] = [];
  return ({ accounts }, at) => {
    if (accounts === before) return [];
    const removed = before.filter(({ id }) => !accounts.some((account) => account.id === id));
    const changed = accounts.filter((account) => !before.includes(account));
    before = accounts;
    const events = [
      ...changed.map((account) => ({ type: 'accountChanged', at, account }) as const),
      ...removed.map(({ id }) => ({ type: 'accountRemoved', at, account: id }) as const),
    ];
    return events.flatMap((event) => sources.flatMap((source) => source.of(event) ?? []));
  };
};

export type NotifyOptions = {
  session: Pick<Session, 'state' | 'subscribe'>;
  clock: Clock;
  way: NotifyWay;
  /** To the terminal; not called while it is away. */
  write(code: string): void;
};

/** Tells the terminal from now on when an account is back and when none is left; the returned function ends it. */
export const startNotify = ({ session, clock, way, write }: NotifyOptions): (() => void) => {
  if (way === 'off') return () => {};
  const read = createReading();
  const toldAt = new Map<Notice['event'], number>();
  const look = (): void => {
    const state = session.state();
    // Before it listens nothing is known of the accounts.
    if (state.url === null) return;
    for (const notice of read(state, clock.now())) {
      const at = clock.monotonic();
      if (!wanted.has(notice.event) || at - (toldAt.get(notice.event) ?? -Infinity) < mostOftenMs) continue;
      toldAt.set(notice.event, at);
      write(notifyCode(way, wordsOf(notice)));
    }
  };
  look();
  return session.subscribe(look);
};
