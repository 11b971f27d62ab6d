import { resolvePaths } from '../config/paths.ts';
import { readHistory } from '../history/queries.ts';
import { elapsed } from '../shared/duration.ts';
import { CcrError } from '../shared/errors.ts';
import { textTable, type TextColumn } from '../shared/text-table.ts';
import { asEpoch } from '../shared/types.ts';
import { historyRow } from '../store/history-row.ts';
import type { PricedRequest } from '../store/state.ts';
import { outcomeWord, requestNote } from '../store/wording.ts';
import { ageOption } from './age-option.ts';
import type { CommandContext } from './context.ts';
import type { GivenOptions } from './parse-command-line.ts';
import { printJson, printLines } from './print.ts';

// A table needs its rows to find its widths; this many at a time, so that a long history streams.
const rowsAtATime = 200;

const columns: readonly (TextColumn & { least: number })[] = [
  { title: 'TIME', align: 'left', least: 19 },
  { title: 'ACCOUNT', align: 'left', least: 12 },
  { title: 'STATUS', align: 'left', least: 11 },
  { title: 'MODEL', align: 'left', least: 20 },
  { title: 'FIRST', align: 'right', least: 6 },
  { title: 'TOTAL', align: 'right', least: 6 },
  { title: 'IN', align: 'right', least: 7 },
  { title: 'OUT', align: 'right', least: 6 },
  { title: '~USD', align: 'right', least: 8 },
  { title: 'NOTE', align: 'left', least: 0 },
];

const number = (value: number | null): string => (value === null ? '—' : String(value));

const localTime = (at: number): string => {
  const date = new Date(at);
  return new Date(at - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 19).replace('T', ' ');
};

const cells = (request: PricedRequest): string[] => [
  localTime(request.at),
  request.account ?? '—',
  `${number(request.status)} ${outcomeWord(request).word}`,
  request.model ?? '—',
  request.firstByteMs === null ? '—' : elapsed(request.firstByteMs),
  elapsed(request.totalMs),
  number(request.tokens.input),
  number(request.tokens.output),
  request.costUsd === null ? '—' : request.costUsd.toFixed(4),
  requestNote(request),
];

const padded = (request: PricedRequest): string[] =>
  cells(request).map((cell, index) => {
    const { least = 0, align = 'left' } = columns[index] ?? {};
    return align === 'left' ? cell.padEnd(least) : cell.padStart(least);
  });

const printTable = async ({ stdout }: CommandContext, requests: Iterable<PricedRequest>): Promise<void> => {
  let rows: string[][] = [];
  let first = true;
  const flush = async (): Promise<void> => {
    const lines = textTable(columns, rows);
    await printLines(stdout, first ? lines : lines.slice(1));
    [rows, first] = [[], false];
  };
  for (const request of requests) {
    rows.push(padded(request));
    if (rows.length === rowsAtATime) await flush();
  }
  if (rows.length > 0 || first) await flush();
};

const usualSinceMs = 24 * 3_600_000;

const limitOf = (options: GivenOptions): number | null => {
  const text = options['limit'];
  if (text === undefined) return null;
  if (typeof text === 'string' && /^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new CcrError('usage', `--limit: wanted a whole number from 1 up, got ${String(text)}`);
};

/** `history`: finished requests, oldest first, from the file; works with and without a running instance. */
export const run = async (context: CommandContext): Promise<number> => {
  const { options, env, stdout, clock } = context;
  const since = asEpoch(clock.now() - (ageOption(options, 'since') ?? usualSinceMs));
  const requests = readHistory({ file: resolvePaths(env).history, since, limit: limitOf(options) });
  if (options['json'] !== true) await printTable(context, requests);
  else for (const request of requests) await printJson(stdout, historyRow(request));
  return 0;
};
