import { displayWidth } from '../../shared/display-width.ts';
import { plural } from '../../shared/plural.ts';
import { sanitize } from '../../shared/sanitize.ts';
import { standardKeys } from '../keymap.ts';
import { orderOf, shownRows, sourceRows, unfilteredCount } from '../request-list.ts';
import { requestWindow } from '../request-window.ts';
import { requestSorts, sortWords } from '../sort-keys.ts';
import { shorten } from '../line.ts';
import type { Theme } from '../theme.ts';
import type { FrameInput } from '../view.ts';
import type { hiddenColumns } from './request-columns.ts';

/**
 * One thing that the title says, from its longest to its shortest form; the key that changes it is left out first.
 * `spare`: only said where everything else is, with its keys. `brief`: where there is no title; absent = nothing.
 */
type Piece = { forms: readonly string[]; action?: string; spare?: boolean; brief?: string };

type Shown = Pick<FrameInput, 'state' | 'view' | 'theme' | 'keys' | 'keysElsewhere'> & {
  /** The columns that are out of view; absent = none is. */
  hidden?: ReturnType<typeof hiddenColumns>;
};

/** A count as people write it: `1,204`. */
export const grouped = (n: number): string => String(n).replaceAll(/\B(?=(\d{3})+$)/g, ',');

/** Does the list go on by itself, and if not, how much came meanwhile. */
const statePiece = ({ state, view, theme }: Shown): Piece => {
  const { dot } = theme.glyphs;
  const { timed, home } = orderOf(view.list);
  if (view.frozen !== null) {
    const fresh = state.seen - view.frozen.seen;
    return { forms: [`FROZEN ${dot} ${grouped(fresh)} new`], action: 'requests.freeze', brief: 'FROZEN' };
  }
  // In any other order nothing is followed: rows go to their place.
  if (!timed) return { forms: [''] };
  const action = 'requests.follow';
  if (view.request === null) {
    if (state.rows.length === 0) return { forms: [''] };
    // What is filtered is worth more: it tells why some are not there.
    return { forms: view.list.filter?.on === true ? ['FOLLOW', ''] : ['FOLLOW'], action };
  }
  const { below } = requestWindow(view, shownRows(view, state).rows, 1);
  const missed = `${grouped(below)} ${home === 'end' ? 'below' : 'above'}`;
  return { forms: [`not following ${dot} ${missed}`, missed], action, brief: missed };
};

const sortPiece = ({ view: { list }, theme }: Shown, above: number): Piece => {
  const { bySeq, timed } = orderOf(list);
  if (bySeq) return { forms: [''] };
  const { by, reversed } = list.sort;
  const key = requestSorts.find(({ name }) => name === by) ?? { words: ['', ''] as const };
  const inFull = sortWords(key, reversed);
  const order = key.words[reversed ? 1 : 0];
  // By time the state of the list tells it already. In any other order what is promised to be first may be out of view.
  const counted = timed || above === 0 ? [''] : [` ${theme.glyphs.dot} ${grouped(above)} above`, ''];
  const said = inFull === order ? [order] : [inFull, order];
  const forms = counted.flatMap((count) => said.map((words) => words + count));
  return { forms, action: 'list.sort', brief: 'sorted' };
};

const longestFilter = 40;
/** How much of a filter is said where there is little room, and where there is less. */
const cutFilters = [24, 16, 8];

/** What is filtered, and how much of the list that leaves. */
const filterPiece = ({ state, view, theme }: Shown): Piece => {
  const { filter } = view.list;
  if (filter === null) return { forms: [''] };
  const clean = sanitize(filter.text, longestFilter);
  const action = 'requests.filter-toggle';
  if (!filter.on) return { forms: [`filter off: ${clean}`, 'filter off'], action };
  const matches = shownRows(view, state).rows.length;
  const all = unfilteredCount(view, state);
  const count = `${grouped(matches)} of ${grouped(all)}`;
  const { dot } = theme.glyphs;
  const texts = [clean, ...cutFilters.map((width) => shorten(theme, clean, width))];
  return {
    forms: [...texts.map((text) => `filter: ${text} ${dot} ${count}`), `filter ${dot} ${count}`, count],
    action,
    brief: `filter ${matches}/${all}`,
  };
};

const widePiece = ({ view: { columns } }: Shown): Piece =>
  columns.wide && columns.scrolled === 0 ? { forms: ['wide', ''], action: 'requests.wide' } : { forms: [''] };

const leftPiece = ({ hidden: { left } = { left: 0, more: 0 } }: Shown): Piece =>
  left === 0
    ? { forms: [''] }
    : { forms: [`${plural(left, 'column')} to the left`, ''], action: 'requests.columns-left' };

const morePiece = ({
  state: { rows },
  view: { columns },
  hidden: { more } = { left: 0, more: 0 },
  keysElsewhere = false,
}: Shown): Piece =>
  more === 0 || rows.length === 0 || keysElsewhere
    ? { forms: [''] }
    : {
        forms: [`${more} more ${more === 1 ? 'column' : 'columns'}`, `${more} more`, ''],
        action: 'requests.columns-right',
        // Nobody who has not asked for other columns needs to know.
        spare: !columns.wide && columns.scrolled === 0,
      };

/** How many there ever were, where not all are still there. */
const keptPiece = ({ state, view }: Shown): Piece => {
  const { rows, seen } = sourceRows(view, state);
  if (view.frozen !== null || view.request !== null || rows.length >= seen) return { forms: [''] };
  return { forms: [`${grouped(rows.length)} kept of ${grouped(seen)}`, ''] };
};

/** In the order in which they stand. */
const pieces = [statePiece, filterPiece, sortPiece, widePiece, leftPiece, morePiece, keptPiece];
/** Where they stand there, in the order in which they are shortened. */
const yielding = [keptPiece, morePiece, leftPiece, widePiece, sortPiece, statePiece, filterPiece].map(
  (piece) => pieces.indexOf(piece),
);

/** What decides which requests are seen, in a word or two each, where there is no title; empty while all are, as they come. */
export const briefNote = (input: Shown): string =>
  pieces
    .map((piece) => piece(input, 0).brief ?? '')
    .filter((text) => text !== '')
    .join(' ');

/**
 * How the list of requests stands, in at most `room` columns as far as that can be said; `above` = so many of them are
 * over the edge of the pane.
 */
export const requestNote = (input: Shown, room: number, above = 0): string => {
  const { theme, keys = standardKeys } = input;
  const parts = pieces.map((piece) => piece(input, above));
  const chosen = parts.map(() => 0);
  const noteOf = (keyed: boolean, spared = false): string =>
    parts
      .map(({ forms, action, spare = false }, index) => {
        const form = spare && !spared ? '' : (forms[chosen[index] ?? 0] ?? '');
        const key = (keyed && action !== undefined && keys.keyOf(action)) || '';
        return form === '' || key === '' ? form : `${form} (${key})`;
      })
      .filter((text) => text !== '')
      .join(` ${theme.glyphs.dot} `);
  const fits = (note: string): boolean => displayWidth(theme.text(note)) <= room;
  if (fits(noteOf(true, true))) return noteOf(true, true);
  if (fits(noteOf(true))) return noteOf(true);
  while (!fits(noteOf(false))) {
    const index = yielding.find((at) => (chosen[at] ?? 0) < (parts[at]?.forms.length ?? 0) - 1);
    if (index === undefined) break;
    chosen[index] = (chosen[index] ?? 0) + 1;
  }
  return noteOf(false);
};

/** What stands in the place of the rows when a filter or `clear` has left none; null when nothing has. */
export const emptyWords = ({
  state,
  view,
  keys = standardKeys,
}: Pick<Shown, 'state' | 'view' | 'keys'>): string | null => {
  const { filter, cleared } = view.list;
  const without = unfilteredCount(view, state);
  if (filter?.on === true && without > 0) {
    const all = without === 1 ? 'the one that is there' : `all ${grouped(without)}`;
    const text = sanitize(filter.text, longestFilter);
    const key = keys.keyOf('requests.filter-toggle');
    return `No request matches ${text}${key === null ? '' : `; ${key} shows ${all}`}`;
  }
  return cleared !== null && sourceRows(view, state).rows.length > 0
    ? 'Cleared: only requests from now on are shown'
    : null;
};

/** The room for the note in a title over `columns`, as `titleLine` draws it. */
export const noteRoom = (theme: Theme, title: string, columns: number): number =>
  columns - displayWidth(theme.text(title)) - 7;
