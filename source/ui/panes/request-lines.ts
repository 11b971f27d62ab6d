import { compactCount, elapsed } from '../../shared/duration.ts';
import { sanitize } from '../../shared/sanitize.ts';
import type { EpochMs } from '../../shared/types.ts';
import type { LiveRequest, PricedRequest, RequestRow } from '../../store/state.ts';
import { outcomeWord, requestNote } from '../../store/wording.ts';
import type { LayoutKind } from '../layout.ts';
import { cell, line, numberCell, spacer, type Cell } from '../line.ts';
import type { Theme, Tone } from '../theme.ts';

const two = (n: number): string => String(n).padStart(2, '0');

/** Local time of day, `14:06:51`. */
export const timeOfDay = (at: EpochMs): string => {
  const date = new Date(at);
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
};

/** A model's name without what every one of them has: vendor and date. `claude-opus-5-5-20260101` → `opus-5.5`. */
export const shortModel = (model: string): string =>
  sanitize(model, 60)
    .replace(/^claude-/, '')
    .replace(/-\d{8}$/, '')
    .replaceAll(/(?<=^|-)(\d{1,2})-(\d{1,2})(?=-|$)/g, '$1.$2');

/** What one row shows, as texts; unknown numbers are `—`. */
export type RequestTexts = {
  time: string;
  account: string;
  status: string;
  tone: Tone;
  model: string;
  first: string;
  total: string;
  input: string;
  output: string;
  note: string;
};

const count = (n: number | null): string => (n === null ? '—' : compactCount(n));
const retryNote = (failures: number): string => (failures > 0 ? `retry ${failures}` : '');

const join = (...parts: string[]): string => parts.filter((part) => part !== '').join(', ');

/** A time that still grows: whole seconds, so that it changes no more often than a clock. */
const growing = (ms: number): string => {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  return `~${seconds < 60 ? `${seconds}s` : elapsed(seconds * 1000)}`;
};

const liveTexts = (request: LiveRequest, now: EpochMs): RequestTexts => {
  const begun = request.firstByteMs !== null;
  const doing = begun ? (request.stream ? 'streaming' : 'receiving') : 'waiting';
  return {
    time: timeOfDay(request.at),
    account: request.account === null ? '—' : sanitize(request.account, 60),
    status: request.status === null ? '...' : `${request.status} ...`,
    tone: 'accent',
    model: request.model === null ? sanitize(request.path, 60) : shortModel(request.model),
    first: request.firstByteMs === null ? '—' : elapsed(request.firstByteMs),
    total: growing(now - request.at),
    input: '—',
    output: '—',
    note: join(doing, retryNote(request.failures.length)),
  };
};

const finishedTexts = (request: PricedRequest): RequestTexts => {
  const { word, tone } = outcomeWord(request);
  return {
    time: timeOfDay(request.at),
    account: request.account === null ? '—' : sanitize(request.account, 60),
    status: `${request.status ?? '—'} ${word}`,
    tone,
    model: request.model === null ? sanitize(request.path, 60) : shortModel(request.model),
    first: request.firstByteMs === null ? '—' : elapsed(request.firstByteMs),
    total: elapsed(request.totalMs),
    input: count(request.tokens.input),
    output: count(request.tokens.output),
    note: requestNote(request),
  };
};

/** The texts of a row at this moment. */
export const requestTexts = (row: RequestRow, now: EpochMs): RequestTexts =>
  row.kind === 'live' ? liveTexts(row.request, now) : finishedTexts(row.request);

const account = { wide: 10, narrow: 7 };
const status = { wide: 11, narrow: 11 };
const duration = 7;
const tokens = 6;
/** Below this many columns a narrow row has no room for the model. */
const modelColumns = 56;

const wideCells = (texts: RequestTexts, columns: number): Cell[] => {
  // What the fixed columns leave is shared by the model and the note.
  const free = columns - (1 + 8 + account.wide + status.wide + 2 * duration + 2 * tokens + 10);
  const model = Math.max(12, Math.min(24, Math.round(free * 0.36)));
  return [
    { text: texts.time, width: 8, tone: 'faint' },
    { text: texts.account, width: account.wide },
    { text: texts.status, width: status.wide, tone: texts.tone },
    { text: texts.model, width: model },
    numberCell(texts.first, duration),
    numberCell(texts.total, duration),
    numberCell(texts.input, tokens),
    numberCell(texts.output, tokens),
    spacer,
    { text: texts.note, width: Math.max(0, free - model), tone: 'faint' },
  ];
};

const narrowCells = (texts: RequestTexts, columns: number): Cell[] => {
  const free = columns - (1 + 8 + account.narrow + status.narrow + duration + tokens + 6);
  const model: Cell[] = columns < modelColumns ? [] : [{ text: texts.model, width: Math.max(0, free) }];
  return [
    { text: texts.time, width: 8, tone: 'faint' },
    { text: texts.account, width: account.narrow + (model.length === 0 ? Math.max(0, free + 1) : 0) },
    { text: texts.status, width: status.narrow, tone: texts.tone },
    ...model,
    numberCell(texts.total, duration),
    numberCell(texts.output, tokens),
  ];
};

const tinyCells = (texts: RequestTexts): Cell[] => [
  { text: texts.account, width: 8 },
  { text: texts.status, width: 11, tone: texts.tone },
  numberCell(texts.total, duration),
];

const cellsFor = (texts: RequestTexts, kind: LayoutKind, columns: number): Cell[] => {
  if (kind === 'wide') return wideCells(texts, columns);
  return kind === 'narrow' ? narrowCells(texts, columns) : tinyCells(texts);
};

const heading: RequestTexts = {
  time: 'time',
  account: 'account',
  status: 'status',
  tone: 'faint',
  model: 'model',
  first: 'first',
  total: 'total',
  input: 'in',
  output: 'out',
  note: 'note',
};

type Place = { kind: LayoutKind; columns: number };

/** The line over the requests of a wide screen that names the columns. */
export const requestHeading = (theme: Theme, { kind, columns }: Place): string => {
  const cells = cellsFor(heading, kind, columns).map((each) => ({ ...each, tone: 'faint' as const }));
  return line(theme, [cell(' '), ...cells], columns);
};

/** One request in one line. */
export const requestLine = (
  theme: Theme,
  row: RequestRow,
  { kind, columns, selected, now }: Place & { selected: boolean; now: EpochMs },
): string => {
  const mark = cell(selected ? theme.glyphs.select : ' ', 'accent');
  return line(theme, [mark, ...cellsFor(requestTexts(row, now), kind, columns)], columns, selected);
};
