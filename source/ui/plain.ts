import type { Writable } from 'node:stream';
import type { ProxyEvent } from '../shared/events.ts';
import { timeOfDay } from '../shared/local-time.ts';
import { plural } from '../shared/plural.ts';
import { safeJson, sanitize } from '../shared/sanitize.ts';
import type { EventFeed } from '../shared/session.ts';
import type { AccountView, EpochMs } from '../shared/types.ts';
import { historyRow } from '../store/history-row.ts';
import { serves } from '../store/selectors.ts';
import { pricedRequest, type Price } from '../store/prices.ts';
import type { LogLine, PricedRequest } from '../store/state.ts';
import { requestTexts } from './panes/request-texts.ts';

export type PlainOptions = {
  feed: EventFeed;
  /** The log of the instance; it holds what an event meant by the time the feed tells of it. */
  log: () => readonly LogLine[];
  price: Price;
  /** Usually stdout. */
  out: Writable;
  /** One JSON object per line instead of sentences. */
  json: boolean;
  /** The accounts, where lines are read aloud: then no request is told, but how they stand, and what changes. */
  spoken?: () => readonly AccountView[];
};

/** What the first line says of an instance. */
export type ListeningFacts = {
  url: string;
  /** null when nothing is kept. */
  home: string | null;
  pid: number;
  version: string;
  /** Simulated, all of it. */
  demo?: true;
};

export type PlainOutput = {
  /** The first line. */
  listening(facts: ListeningFacts): void;
  /** The last line; nothing is written after it. `cut` requests did not end within the drain limit. */
  stopped(facts: { cut: number }): void;
  /** Fulfilled when the reader has gone (EPIPE): time to stop, without an error. */
  gone: Promise<void>;
};

/** One finished request as words, aligned as far as names allow; `-` = unknown. */
const requestSentence = (request: PricedRequest, now: EpochMs): string => {
  const texts = requestTexts({ kind: 'finished', seq: 0, request }, now);
  const { time, account, status, model, total, input, output, note } = texts;
  const parts = [
    time,
    account.padEnd(8),
    status.padEnd(11),
    model.padEnd(14),
    total.padStart(7),
    `in ${input}`.padEnd(8),
    `out ${output}`.padEnd(9),
    note,
  ];
  return parts.join('  ').replaceAll('—', '-').trimEnd();
};

const logSentence = ({ at, level, text }: LogLine): string =>
  `${timeOfDay(at)}  ${level === 'info' ? '' : `${level}: `}${sanitize(text, 400)}`;

/** `3 of 4 accounts can serve; team-a is limited`; null while none is known. */
const standing = (accounts: readonly AccountView[]): string | null => {
  if (accounts.length === 0) return null;
  const others = accounts.filter(({ state }) => !serves(state));
  const words = others.map(({ name, state }) => `; ${sanitize(name, 60)} is ${state}`).join('');
  const count = `${accounts.length - others.length} of ${plural(accounts.length, 'account')}`;
  return `${count} can serve${words}`;
};

/** The line of a request that has ended; null for the many events that plain output does not show. */
const lineFor = (event: ProxyEvent, { json, price, spoken }: PlainOptions): string | null => {
  if (event.type !== 'requestFinished' || (spoken !== undefined && !json)) return null;
  const request = pricedRequest(event.request, price);
  return json ? safeJson(historyRow(request)) : requestSentence(request, event.at);
};

/**
 * Tells which lines the log has got since the last look. A line is told once, as it is then: what it grows by later
 * (how often, how many conversations moved) a screen can show, and paper cannot.
 */
const newLines = (log: PlainOptions['log']): (() => LogLine[]) => {
  const newest = (): number => log().at(-1)?.seq ?? 0;
  let told = newest();
  return () => {
    if (newest() <= told) return [];
    const lines = log().filter(({ seq, again }) => seq > told && again !== true);
    told = newest();
    return lines;
  };
};

/** What may wait for a reader that does not keep up. Further lines are counted instead of kept. */
const backlogBytes = 4 * 1024 * 1024;

/**
 * Output for pipes, files and screen readers: a line per finished request and per log sentence, or NDJSON of the
 * requests alone; where it is read aloud, of what changes alone. Never an escape byte.
 */
export const plainOutput = (options: PlainOptions): PlainOutput => {
  const { feed, out, json } = options;
  let open = true;
  let missed = 0;
  const logged = newLines(options.log);
  const write = (text: string): void => {
    if (!open) return;
    if (out.writableLength > backlogBytes) {
      missed += 1;
      return;
    }
    if (missed > 0) {
      const words = `${missed} lines are missing: they were not read in time`;
      out.write(`${json ? safeJson({ event: 'dropped', count: missed }) : words}\n`);
      missed = 0;
    }
    out.write(`${text}\n`);
  };
  // The accounts of an instance that has just started are told a moment after it listens.
  let stood = options.spoken === undefined || json;
  const sayStanding = (): void => {
    const stands = stood ? null : standing(options.spoken?.() ?? []);
    if (stands === null) return;
    stood = true;
    write(stands);
  };
  let begun = false;
  const unsubscribe = feed.subscribe(({ event }) => {
    if (begun) sayStanding();
    const text = lineFor(event, options);
    if (text !== null) write(text);
    if (!json) for (const line of logged()) write(logSentence(line));
  });
  const end = (): void => {
    open = false;
    unsubscribe();
  };
  // The listener stays for good: a write that is still on its way may fail after the end.
  const gone = new Promise<void>((resolve) => {
    out.on('error', () => {
      end();
      resolve();
    });
  });
  return {
    gone,
    listening: (facts) => {
      begun = true;
      const demo = facts.demo === true ? ' (a demo: everything is simulated)' : '';
      write(json ? safeJson({ event: 'listening', ...facts }) : `listening on ${sanitize(facts.url)}${demo}`);
      sayStanding();
    },
    stopped: ({ cut }) => {
      const words = cut === 0 ? 'stopped' : `stopped; ${cut} requests were cut`;
      write(json ? safeJson({ event: 'stopped', cut }) : words);
      end();
    },
  };
};
