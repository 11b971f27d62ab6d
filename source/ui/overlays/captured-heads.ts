import type { CapturedHeaders, CaptureMode, FoundHeads } from '../../shared/capture.ts';
import type { Clock } from '../../shared/clock.ts';
import { asCcrError } from '../../shared/errors.ts';
import { maskTokens } from '../../shared/mask-tokens.ts';
import { sanitize } from '../../shared/sanitize.ts';
import type { RequestRow } from '../../store/state.ts';
import type { DialogContext } from '../dialog.ts';
import type { Theme } from '../theme.ts';
import { partLines } from './part-lines.ts';

/** What is known of the heads of a request; null = not yet, or there is nothing to ask for before it has ended. */
export type KnownHeads = FoundHeads | null;

export type CapturedHeads = {
  /** Of that request, as far as they are known by now. Asks for them, once for each request. */
  of(row: RequestRow): KnownHeads;
};

/** A capture is written a moment after its request is told: so long it is asked for again. */
const lateMs = 10_000;
const againMs = 1000;

/** Asks the instance for what was captured of the request that is read. */
export const createCapturedHeads = (
  { commander, changed }: Pick<DialogContext, 'commander' | 'changed'>,
  clock: Clock,
): CapturedHeads => {
  let asked = { id: '', at: 0, isOpen: false };
  let known: KnownHeads = null;
  const ask = (id: string): void => {
    const mine = { id, at: clock.now(), isOpen: true };
    asked = mine;
    const answered = (found: FoundHeads): void => {
      mine.isOpen = false;
      if (asked !== mine) return;
      const isNews = known?.kind !== found.kind;
      known = found;
      if (isNews) changed();
    };
    commander.run('request.heads', { request: id }).then(answered, (error: unknown) => {
      answered({ kind: 'unreadable', reason: asCcrError(error).message });
    });
  };
  const isLate = ({ request }: RequestRow & { kind: 'finished' }, now: number): boolean =>
    known?.kind === 'none' && now - asked.at >= againMs && now - request.at - request.totalMs < lateMs;
  return {
    of(row) {
      if (row.kind === 'live') return null;
      const { id } = row.request;
      if (asked.id !== id) {
        known = null;
        ask(id);
      } else if (!asked.isOpen && isLate(row, clock.now())) ask(id);
      return known;
    },
  };
};

/** Columns for the names of headers. */
const widestName = 24;

const headerLines = (theme: Theme, headers: CapturedHeaders, columns: number): string[] => {
  const clean = headers.map(
    ([name, value]) => [sanitize(name, widestName), sanitize(maskTokens(value), 400)] as const,
  );
  const width = Math.max(10, ...clean.map(([name]) => name.length));
  return clean.flatMap(([label, text]) => partLines(theme, { label, text }, columns, width));
};

const noneWords: Readonly<Record<CaptureMode, string>> = {
  off: 'none are kept; ccr-tui config set capture errors keeps those of failures',
  errors: 'none are kept of this request: capture keeps those of failures',
  all: 'none are kept of this request',
};

/** The heads of a request and of its answer, or why there are none, as lines of at most `columns`. No line while nothing is known. */
export const headsLines = (theme: Theme, heads: KnownHeads, mode: CaptureMode, columns: number): string[] => {
  // Apart from the accounts above it: it is none of them.
  const only = (text: string): string[] => ['', ...partLines(theme, { label: 'Headers', text }, columns)];
  if (heads === null) return [];
  if (heads.kind === 'none') return only(noneWords[mode]);
  if (heads.kind === 'unreadable') return only(`cannot be read: ${sanitize(heads.reason, 200)}`);
  const { target, headers, answer } = heads;
  const title = (text: string): string => ` ${theme.paint('accent', text)}`;
  return [
    '',
    title('Headers of the request'),
    ...partLines(theme, { label: 'to', text: sanitize(maskTokens(target), 400) }, columns),
    ...headerLines(theme, headers, columns),
    '',
    title(answer === null ? 'No answer came' : `Headers of the answer, ${answer.status}`),
    ...headerLines(theme, answer?.headers ?? [], columns),
  ];
};
