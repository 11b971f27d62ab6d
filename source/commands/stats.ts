import { resolvePaths } from '../config/paths.ts';
import { readStatistics } from '../history/read-statistics.ts';
import type { StatsAnswer, StatsQuery } from '../history/statistics.ts';
import { compactCount, elapsed } from '../shared/duration.ts';
import { displayWidth } from '../shared/display-width.ts';
import { CcrError } from '../shared/errors.ts';
import { plural } from '../shared/plural.ts';
import { sanitize } from '../shared/sanitize.ts';
import { statsDimensions, type StatsBy, type StatsFigures } from '../shared/statistics.ts';
import { textTable, type TextColumn } from '../shared/text-table.ts';
import { wholePercent } from '../shared/whole-percent.ts';
import { orderedRows, rankedRows, statsFigures, type RankedRows } from '../store/stats-row.ts';
import { noFigures } from '../store/figures.ts';
import { savedByCaching } from '../store/wording.ts';
import { ageOption } from './age-option.ts';
import type { CommandContext } from './context.ts';
import type { GivenOptions } from './parse-command-line.ts';
import { printJson, printLines } from './print.ts';

const hourMs = 3_600_000;
/** So many keys are told one by one. */
const mostKeys = 1000;
const usualSinceMs = 7 * 24 * hourMs;

const iso = (key: string | null): string => new Date(Number(key)).toISOString();

/** How requests are told apart by time, and how the beginning of a slot is called. */
const slots: Readonly<Partial<Record<StatsBy, { slotMs: number; name(key: string | null): string }>>> = {
  day: { slotMs: 24 * hourMs, name: (key) => iso(key).slice(0, 10) },
  hour: { slotMs: hourMs, name: (key) => `${iso(key).slice(0, 16)}Z` },
};

const byOption = (options: GivenOptions): StatsBy => {
  const given = options['by'];
  if (typeof given !== 'string') return 'account';
  const found = statsDimensions.find((each) => each === given);
  if (found !== undefined) return found;
  throw new CcrError('usage', `--by: wanted ${statsDimensions.join(', ')}, got ${sanitize(given, 24)}`);
};

const queryOf = (by: StatsBy, since: number): StatsQuery => {
  const slotMs = slots[by]?.slotMs ?? null;
  return by === 'day' || by === 'hour'
    ? { since, dimensions: [], slotMs }
    : { since, dimensions: [by], slotMs };
};

/** All at once: nothing else is to be done in this process. */
const ended = <Result>(steps: Iterator<void, Result>): Result => {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
};

const rowsOf = (by: StatsBy, answer: StatsAnswer): RankedRows => {
  const slot = slots[by];
  if (slot === undefined) {
    const tally = by === 'day' || by === 'hour' ? undefined : answer.by.get(by);
    return tally === undefined ? { rows: [], others: null } : rankedRows(tally, mostKeys);
  }
  const { others } = rankedRows(answer.slots, Infinity);
  return { rows: orderedRows(answer.slots).map((row) => ({ ...row, key: slot.name(row.key) })), others };
};

const tokens = (value: number | null): string => (value === null ? '—' : compactCount(value));
const usd = (value: number | null): string => (value === null ? '—' : value.toFixed(2));
const time = (value: number | null): string => (value === null ? '—' : elapsed(value));
const rate = (value: number | null): string => (value === null ? '—' : value.toFixed(0));

type StatsColumn = {
  title: string;
  /** The first to go where there is no room for all. */ spare?: number;
  show(row: StatsFigures): string;
};

const statsColumns: readonly StatsColumn[] = [
  { title: 'REQ', show: ({ requests }) => String(requests) },
  { title: 'ERR', show: ({ errors }) => String(errors) },
  { title: 'RETRY', spare: 3, show: ({ retries }) => String(retries) },
  { title: 'IN', show: ({ inputTokens }) => tokens(inputTokens) },
  { title: 'OUT', show: ({ outputTokens }) => tokens(outputTokens) },
  {
    title: 'CACHED',
    spare: 7,
    show: ({ cacheHitRate }) => (cacheHitRate === null ? '—' : `${wholePercent(cacheHitRate)}%`),
  },
  { title: 'COST', show: ({ costUsd }) => usd(costUsd) },
  { title: 'LIST VALUE', show: ({ listValueUsd }) => usd(listValueUsd) },
  { title: 'FIRST P50', spare: 6, show: ({ firstByteP50Ms }) => time(firstByteP50Ms) },
  { title: 'P95', spare: 1, show: ({ firstByteP95Ms }) => time(firstByteP95Ms) },
  { title: 'TOTAL P50', spare: 5, show: ({ totalP50Ms }) => time(totalP50Ms) },
  { title: 'P95', spare: 2, show: ({ totalP95Ms }) => time(totalP95Ms) },
  { title: 'TOK/S', spare: 4, show: ({ tokensPerSecond }) => rate(tokensPerSecond) },
];

const savedNotes = (total: StatsFigures): string[] => {
  const saved = savedByCaching(total);
  return saved === null ? [] : [`caching saved ${saved} against the full price of input`];
};

/** What figures alone would not say. */
const notes = (total: StatsFigures): string[] => [
  ...(total.unpricedRequests > 0
    ? [`no price is known of ${plural(total.unpricedRequests, 'request')}`]
    : []),
  ...savedNotes(total),
  ...(total.failedOver === 0 ? [] : [`failing over saved ${plural(total.failedOver, 'request')}`]),
  ...(total.listValueUsd === null ? [] : ['list value: what use of a plan would have cost by the token']),
];

const tableOf = (
  by: StatsBy,
  named: readonly [string, StatsFigures][],
  columns: readonly StatsColumn[],
  width?: number,
): string[] =>
  textTable(
    [
      { title: by.toUpperCase(), align: 'left' },
      ...columns.map(({ title }): TextColumn => ({ title, align: 'right' })),
    ],
    named.map(([name, row]) => [name, ...columns.map(({ show }) => show(row))]),
    width,
  );

/** So wide are keys at least worth to be. */
const fewestKey = 16;

const widthOf = (lines: readonly string[]): number => Math.max(...lines.map(displayWidth));

/** What a person sees; `width` = columns of the terminal: where it is narrow the least needed columns are left out. */
export const statsLines = (
  by: StatsBy,
  { rows, others }: RankedRows,
  total: StatsFigures,
  width = Infinity,
): string[] => {
  const named: [string, StatsFigures][] = [
    ...rows.map((row): [string, StatsFigures] => [row.key ?? '—', row]),
    ...(others === null ? [] : [['(others)', others] satisfies [string, StatsFigures]]),
    ['total', total],
  ];
  const short = named.map(([name, row]): [string, StatsFigures] => [name.slice(0, fewestKey), row]);
  let columns = [...statsColumns];
  while (widthOf(tableOf(by, short, columns)) > width) {
    const spared = columns
      .filter(({ spare }) => spare !== undefined)
      .toSorted((a, b) => (a.spare ?? 0) - (b.spare ?? 0))[0];
    if (spared === undefined) break;
    columns = columns.filter((column) => column !== spared);
  }
  return [...tableOf(by, named, columns, width), ...notes(total)];
};

/** `stats`: sums over finished requests, from the file; works with and without a running instance. */
export const run = async (context: CommandContext): Promise<number> => {
  const { options, env, stdout, clock } = context;
  const by = byOption(options);
  const since = clock.now() - (ageOption(options, 'since') ?? usualSinceMs);
  const answer = ended(readStatistics(resolvePaths(env).history, queryOf(by, since)));
  const total = statsFigures(answer.all.groups.get(null) ?? noFigures());
  const found = rowsOf(by, answer);
  if (options['json'] === true) {
    const { rows, others } = found;
    await printJson(stdout, { since: new Date(since).toISOString(), by, rows, others, total });
  } else await printLines(stdout, statsLines(by, found, total, stdout.columns));
  return 0;
};
