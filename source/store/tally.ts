import { addFigures, counts, countRequest, noFigures, told, type Counted, type Figures } from './figures.ts';
import type { Spread } from './spread.ts';

/** What requests are told apart by, and what they come to together. */
export const dimensions = ['all', 'account', 'model', 'client', 'session'] as const;
export type Dimension = (typeof dimensions)[number];

/** Figures by key, null for what is not known; `others` are those that found no room. */
export type Tally = { groups: Map<string | null, Figures>; others: Figures | null };

export const emptyTally = (): Tally => ({ groups: new Map(), others: null });

/** The model that was asked for, as the history calls it; what a provider served has a date in its name. */
const keys: Readonly<Record<Dimension, (request: Counted) => string | null>> = {
  all: () => null,
  account: ({ account }) => account,
  model: ({ model, upstreamModel }) => model ?? upstreamModel,
  client: ({ client }) => client,
  session: ({ session }) => session,
};

/** The figures of a key; of all others once there are `limit` keys. */
export const figuresOf = (tally: Tally, key: string | null, limit: number): Figures => {
  const found = tally.groups.get(key);
  if (found !== undefined) return found;
  if (tally.groups.size >= limit) return (tally.others ??= noFigures());
  const figures = noFigures();
  tally.groups.set(key, figures);
  return figures;
};

/** What the request is counted under in that dimension; null for what is not known. */
export const keyOf = (dimension: Dimension, request: Counted): string | null => keys[dimension](request);

/** Counts a request into the tally of that dimension, of at most `limit` keys. */
export const tallyRequest = (tally: Tally, dimension: Dimension, request: Counted, limit: number): void =>
  countRequest(figuresOf(tally, keys[dimension](request), limit), request);

/** Adds the other tally to this one, of which it becomes a part. */
export const addTally = (tally: Tally, other: Tally, limit: number): void => {
  for (const [key, figures] of other.groups) {
    const isNew = tally.groups.size < limit && !tally.groups.has(key);
    if (isNew) tally.groups.set(key, figures);
    else addFigures(figuresOf(tally, key, limit), figures);
  }
  if (other.others !== null) addFigures((tally.others ??= noFigures()), other.others);
};

type Sums = (number | null)[];
type Packed = readonly [sums: Sums, firstByte: number[], total: number[]];

const packed = (figures: Figures): Packed => [
  [...counts, ...told].map((name) => figures[name]),
  [...figures.firstByte].flat(),
  [...figures.total].flat(),
];

/** The tally as text, for `parseTally`. */
export const tallyText = ({ groups, others }: Tally): string =>
  JSON.stringify({
    groups: [...groups].map(([key, figures]) => [key, packed(figures)]),
    others: others === null ? null : packed(others),
  });

const isNumbers = (value: unknown): value is number[] =>
  Array.isArray(value) && value.length % 2 === 0 && value.every(Number.isFinite);

const isSums = (value: unknown): value is Sums =>
  Array.isArray(value) &&
  value.length === counts.length + told.length &&
  value.every((item, index) => Number.isFinite(item) || (item === null && index >= counts.length));

const spreadOf = (pairs: readonly number[]): Spread => {
  const spread: Spread = new Map();
  for (let at = 0; at < pairs.length; at += 2) spread.set(pairs[at] ?? 0, pairs[at + 1] ?? 0);
  return spread;
};

const unpacked = (value: unknown): Figures | null => {
  if (!Array.isArray(value)) return null;
  const [sums, firstByte, total] = value as unknown[];
  if (!isSums(sums) || !isNumbers(firstByte) || !isNumbers(total)) return null;
  const figures = { ...noFigures(), firstByte: spreadOf(firstByte), total: spreadOf(total) };
  for (const [index, name] of counts.entries()) figures[name] = sums[index] ?? 0;
  for (const [index, name] of told.entries()) figures[name] = sums[counts.length + index] ?? null;
  return figures;
};

const parsed = (text: string): { groups?: unknown; others?: unknown } => {
  try {
    return Object(JSON.parse(text)) as { groups?: unknown; others?: unknown };
  } catch {
    return {};
  }
};

/** What `tallyText` was given; null for any other text. */
export const parseTally = (text: string): Tally | null => {
  const { groups, others } = parsed(text);
  if (!Array.isArray(groups)) return null;
  const tally = emptyTally();
  for (const group of groups as unknown[]) {
    const [key, value] = Array.isArray(group) ? (group as unknown[]) : [];
    const figures = unpacked(value);
    if (figures === null || (typeof key !== 'string' && key !== null)) return null;
    tally.groups.set(key, figures);
  }
  if (others !== null && (tally.others = unpacked(others)) === null) return null;
  return tally;
};
