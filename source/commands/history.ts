import { setTimeout as sleep } from 'node:timers/promises';
import { resolvePaths } from '../config/paths.ts';
import { followHistory, type Follower } from '../history/follow.ts';
import { readCapturedIds, readHistory } from '../history/queries.ts';
import { elapsed } from '../shared/duration.ts';
import { CcrError } from '../shared/errors.ts';
import { sanitize } from '../shared/sanitize.ts';
import { textTable, type TextColumn } from '../shared/text-table.ts';
import { asEpoch, type EpochMs } from '../shared/types.ts';
import { parseFilter, type Filter } from '../store/filter.ts';
import type { PricedRequest } from '../store/state.ts';
import { outcomeWord, requestNote } from '../store/wording.ts';
import { ageOption } from './age-option.ts';
import type { CommandContext } from './context.ts';
import type { GivenOptions } from './parse-command-line.ts';
import { print } from './print.ts';
import { openCaptures, type FoundCapture } from './open-captures.ts';
import { rowFormats, type CaptureOf, type RowFormat } from '../store/row-formats.ts';

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
  { title: 'IS', align: 'left', least: 10 },
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
  request.costUsd === null ? '' : (request.costKind ?? 'list value'),
  requestNote(request),
];

const padded = (request: PricedRequest): string[] =>
  cells(request).map((cell, index) => {
    const { least = 0, align = 'left' } = columns[index] ?? {};
    return align === 'left' ? cell.padEnd(least) : cell.padStart(least);
  });

/** Aligned columns; the widths are those of the first rows at least. */
const table = (): RowFormat => {
  const lines = (requests: readonly PricedRequest[]): string[] => textTable(columns, requests.map(padded));
  let isFirst = true;
  return {
    rows(requests) {
      const printed = isFirst ? lines(requests) : lines(requests).slice(1);
      isFirst = false;
      return printed.map((line) => `${line}\n`).join('');
    },
    end: () => (isFirst ? `${lines([]).join('')}\n` : ''),
  };
};

const usualSinceMs = 24 * 3_600_000;

const limitOf = (options: GivenOptions): number | null => {
  const text = options['limit'];
  if (text === undefined) return null;
  if (typeof text === 'string' && /^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new CcrError('usage', `--limit: wanted a whole number from 1 up, got ${String(text)}`);
};

const nothing: CaptureOf = () => null;

/** What was captured, as far as it can be read; what cannot is said. */
const capturesIn = async (context: CommandContext, since: EpochMs): Promise<CaptureOf> => {
  const { history: file } = resolvePaths(context.env);
  const ids = readCapturedIds(file, since);
  if (ids.size === 0) return nothing;
  const captures = await openCaptures(context, file, new Set(ids.values()));
  let isSaid = false;
  return (id) => {
    const found: FoundCapture = ids.has(id) ? captures.of(id) : { kind: 'none' };
    if (found.kind === 'unreadable' && !isSaid) {
      isSaid = true;
      context.stderr.write(`ccr-tui: note: what was captured is left out: ${sanitize(found.reason, 500)}\n`);
    }
    return found.kind === 'found' ? found.capture : null;
  };
};

const formatOf = async (context: CommandContext, since: EpochMs): Promise<RowFormat> => {
  const { options, version } = context;
  const given = Object.keys(rowFormats).filter((name) => options[name] === true);
  const [name, second] = given;
  if (second !== undefined) {
    throw new CcrError('usage', `${given.map((each) => `--${each}`).join(' and ')} are different formats`, {
      hint: 'choose one',
    });
  }
  if (name === 'har' && options['follow'] === true) {
    throw new CcrError('usage', '--har is one document and never ends with --follow', { hint: 'use --json' });
  }
  if (name === undefined) return table();
  const captureOf = name === 'har' ? await capturesIn(context, since) : nothing;
  return rowFormats[name]?.(version, captureOf) ?? table();
};

const filterOf = ({ filter: text }: GivenOptions): Filter => {
  const parsed = parseFilter(typeof text === 'string' ? text : '');
  if (parsed.ok) return parsed.filter;
  const { column, message } = parsed.problem;
  throw new CcrError('usage', `--filter: column ${column}: ${message}`);
};

/** The newest so many, in their order. */
const newestOf = (requests: Iterable<PricedRequest>, limit: number): PricedRequest[] => {
  let kept: PricedRequest[] = [];
  for (const request of requests) {
    kept.push(request);
    if (kept.length >= 2 * limit) kept = kept.slice(-limit);
  }
  return kept.slice(-limit);
};

function* wanted(requests: Iterable<PricedRequest>, filter: Filter): Generator<PricedRequest> {
  for (const request of requests) if (filter(request)) yield request;
}

const printRows = async (
  stdout: NodeJS.WriteStream,
  requests: Iterable<PricedRequest>,
  format: RowFormat,
): Promise<void> => {
  let rows: PricedRequest[] = [];
  for (const request of requests) {
    rows.push(request);
    if (rows.length < rowsAtATime) continue;
    await print(stdout, format.rows(rows));
    rows = [];
  }
  if (rows.length > 0) await print(stdout, format.rows(rows));
};

// A request is in the file a quarter of a second after its end.
const lookMs = 250;

/** Prints what is added, until the program is ended. */
const follow = async (
  { stdout }: CommandContext,
  follower: Follower,
  filter: Filter,
  format: RowFormat,
): Promise<void> => {
  while (!stdout.destroyed) {
    const rows = follower.next();
    await printRows(stdout, wanted(rows, filter), format);
    if (rows.length === 0) await sleep(lookMs);
  }
};

/** `history`: finished requests, oldest first, from the file; works with and without a running instance. */
export const run = async (context: CommandContext): Promise<number> => {
  const { options, env, stdout, clock } = context;
  const { history: file } = resolvePaths(env);
  const [filter, limit] = [filterOf(options), limitOf(options)];
  const since = asEpoch(clock.now() - (ageOption(options, 'since') ?? usualSinceMs));
  const format = await formatOf(context, since);
  const follower = options['follow'] === true ? followHistory(file) : null;
  const upTo = follower === null ? {} : { newest: follower.newest };
  // The newest of what is wanted: without a filter the file finds them faster.
  const all = options['filter'] === undefined;
  const found = wanted(readHistory({ file, since, limit: all ? limit : null, ...upTo }), filter);
  await printRows(stdout, all || limit === null ? found : newestOf(found, limit), format);
  if (follower !== null) await follow(context, follower, filter, format);
  await print(stdout, format.end());
  return 0;
};
