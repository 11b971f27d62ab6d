import type { RequestRow } from '../store/state.ts';

/** One way in which a list can stand in order. */
export type SortKey<Item> = {
  name: string;
  /** What the items are compared by; null where that is not known. */
  of(item: Item): number | string | null;
  /** Numbers begin with the largest as a rule, texts with the letter A. */
  descending: boolean;
  /** Says what comes first, as it stands and reversed. */
  words: readonly [usual: string, reversed: string];
  /** The same where there is room, for an order that puts some apart from all others. */
  inFull?: readonly [usual: string, reversed: string];
};

/** What comes first, in full. */
export const sortWords = (
  { words, inFull = words }: Pick<SortKey<never>, 'words' | 'inFull'>,
  reversed: boolean,
): string => inFull[reversed ? 1 : 0];

/** Which order of a list is wanted. */
export type Sort = { by: string; reversed: boolean };

const compare = (a: number | string, b: number | string): number =>
  typeof a === 'string' || typeof b === 'string' ? `${a}`.localeCompare(`${b}`) : a - b;

/** The items in another order. What is not known stands last in both directions; what is equal stays as it was. */
export const sortItems = <Item>(
  items: readonly Item[],
  { of, descending }: Pick<SortKey<Item>, 'of' | 'descending'>,
  reversed: boolean,
): Item[] => {
  const sign = descending === reversed ? 1 : -1;
  const known: { item: Item; value: number | string }[] = [];
  const unknown: Item[] = [];
  for (const item of items) {
    const value = of(item);
    if (value === null) unknown.push(item);
    else known.push({ item, value });
  }
  known.sort((a, b) => (a.value === b.value ? 0 : sign * compare(a.value, b.value)));
  return [...known.map(({ item }) => item), ...unknown];
};

/** The order after that one in the list of them, not reversed; the first one after the last. */
export const nextSort = (keys: readonly Pick<SortKey<never>, 'name'>[], { by }: Sort): Sort => {
  const at = keys.findIndex(({ name }) => name === by);
  return { by: keys[(at + 1) % keys.length]?.name ?? by, reversed: false };
};

const lower = (text: string | null): string | null => text?.toLowerCase() ?? null;

/** As they arrived, the newest last. */
export const byTime: Sort = { by: 'time', reversed: false };

/** The orders of requests, as the key goes through them. */
export const requestSorts: readonly SortKey<RequestRow>[] = [
  { name: 'time', of: ({ seq }) => seq, descending: false, words: ['newest last', 'newest first'] },
  {
    name: 'total',
    // Those that run have not ended yet, however long they took: they are the slowest, the oldest of them first.
    of: (row) => (row.kind === 'live' ? Infinity : row.request.totalMs),
    descending: true,
    words: ['slowest first', 'fastest first'],
    inFull: ['running, then slowest first', 'fastest first, then running'],
  },
  {
    name: 'first',
    of: ({ request }) => request.firstByteMs,
    descending: true,
    words: ['slowest first byte first', 'fastest first byte first'],
  },
  {
    name: 'wait',
    of: (row) => (row.kind === 'live' ? null : row.request.waitMs),
    descending: true,
    words: ['longest wait first', 'shortest wait first'],
  },
  {
    name: 'in',
    of: ({ request }) => request.tokens.input,
    descending: true,
    words: ['most input first', 'least input first'],
  },
  {
    name: 'out',
    of: ({ request }) => request.tokens.output,
    descending: true,
    words: ['most output first', 'least output first'],
  },
  {
    name: 'status',
    of: ({ request }) => request.status,
    descending: true,
    words: ['highest status first', 'lowest status first'],
  },
  {
    name: 'account',
    of: ({ request }) => lower(request.account),
    descending: false,
    words: ['by account', 'by account, from Z'],
  },
  {
    name: 'model',
    of: ({ request }) => lower(request.model),
    descending: false,
    words: ['by model', 'by model, from Z'],
  },
];
