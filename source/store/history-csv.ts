import { sanitize } from '../shared/sanitize.ts';
import { noTokens } from '../shared/types.ts';
import type { HistoryRow } from './history-row.ts';

/** A row with every key there is: the columns come from it. */
const shape: HistoryRow = {
  id: '',
  at: '',
  method: '',
  path: '',
  client: '',
  clientAddress: '',
  agent: '',
  session: null,
  project: null,
  model: null,
  upstreamModel: null,
  account: null,
  status: null,
  outcome: 'ok',
  stream: false,
  waitMs: 0,
  firstByteMs: null,
  totalMs: 0,
  attempts: [],
  decision: { strategy: '', affinity: null, considered: [], rewriteTokens: null, rewriteCostUsd: null },
  tokens: noTokens,
  costUsd: null,
  costKind: null,
  stopReason: null,
  upstreamRequestId: null,
  mayHaveRunTwice: false,
  error: null,
};

type Path = readonly [key: string, inner?: string];

const isGroup = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const paths: readonly Path[] = Object.entries(shape).flatMap(([key, value]: [string, unknown]): Path[] =>
  isGroup(value) ? Object.keys(value).map((inner) => [key, inner] as const) : [[key]],
);

const valueAt = (row: HistoryRow, [key, inner]: Path): unknown => {
  const value: unknown = row[key as keyof HistoryRow];
  if (inner === undefined) return value;
  return isGroup(value) ? value[inner] : null;
};

/** What a spreadsheet takes for a formula, or cuts away to find one. */
const formula = /^[=+\-@\t\r]/;

/** A text as one cell, by RFC 4180; on one line and safe on a terminal, as everywhere. */
const textCell = (text: string): string => {
  const clean = sanitize(formula.test(text) ? `'${text}` : text, Number.POSITIVE_INFINITY);
  return /[",]/.test(clean) ? `"${clean.replaceAll('"', '""')}"` : clean;
};

const cell = (value: unknown): string => {
  if (Array.isArray(value)) return `${value.length}`;
  if (typeof value === 'number' || typeof value === 'boolean') return `${value}`;
  return typeof value === 'string' ? textCell(value) : '';
};

const line = (cells: readonly string[]): string => `${cells.join(',')}\r\n`;

/** The line of titles: the keys of the JSON row, those of inner objects behind a dot. */
export const csvHead = line(paths.map((path) => path.join('.')));

/** A row under those titles. What is unknown is an empty cell, a list its length. */
export const csvLine = (row: HistoryRow): string => line(paths.map((path) => cell(valueAt(row, path))));
