import type { LiveRequest, RequestRow, State } from '../store/state.ts';

/** Compares all but what a growing answer changes. A field that is gone has changed, too. */
const sameFields = <Of extends object>(a: Of, b: Of, growing: ReadonlySet<keyof Of>): boolean => {
  const keys = Object.keys(b) as (keyof Of)[];
  return keys.length === Object.keys(a).length && keys.every((key) => growing.has(key) || a[key] === b[key]);
};

const inRequest: ReadonlySet<keyof LiveRequest> = new Set(['bytes', 'tokens']);
const inState: ReadonlySet<keyof State> = new Set(['rows']);

const sameRow = (a: RequestRow | undefined, b: RequestRow): boolean =>
  a === b || (a?.kind === 'live' && b.kind === 'live' && sameFields(a.request, b.request, inRequest));

/** Whether nothing has happened between two states but that answers under way got longer. */
export const onlyGrew = (before: State, after: State): boolean =>
  before === after ||
  (before.rows.length === after.rows.length &&
    sameFields(before, after, inState) &&
    after.rows.every((row, index) => sameRow(before.rows[index], row)));
