import { displayWidth } from '../../shared/display-width.ts';
import { keptPool } from '../../store/kept-pool.ts';
import { withForecasts } from '../../store/outlook.ts';
import { poolText } from '../../store/outlook-words.ts';
import { accountSortWords } from '../account-list.ts';
import { padLines } from '../fit.ts';
import { standardKeys } from '../keymap.ts';
import { layoutFor, type Layout } from '../layout.ts';
import { paneTitle } from '../line.ts';
import { accountIndex, hasKeys, type FrameInput } from '../view.ts';
import { accountColumns } from './account-columns.ts';
import { factLines } from './account-facts.ts';
import { accountHeading, accountLines } from './account-lines.ts';
import type { Facts } from './account-row.ts';
import { tinyAccountLines } from './account-tiny.ts';
import { visibleAccounts } from './account-window.ts';
import { onboardingLines } from './welcome.ts';

/** From so many rows on there is room for the windows that have no column. */
const tallRows = 32;

/** Of a pane that has the whole screen: header, banner, title, heading and footer. */
const zoomedMargin = 5;

/** A blank line between one and the next. */
const spaced = (blocks: readonly string[][]): string[][] =>
  blocks.map((block, index) => (index < blocks.length - 1 ? [...block, ''] : block));

/** The accounts' lines before it is known how many of them fit: one block for each account. */
export const accountBlocks = ({
  state,
  view,
  size,
  theme,
  now,
  keys,
  compact = false,
}: FrameInput): string[][] => {
  const { next, use } = state;
  if (state.accounts.length === 0) return [onboardingLines(theme, size.columns, keys)];
  const accounts = withForecasts(state.accounts, use, now);
  const {
    kind,
    columns: width,
    headings,
  } = layoutFor(size, 1, view.pane, {
    zoomed: false,
    logShown: true,
    compact,
  });
  const selected = view.pane === 'accounts' ? accountIndex(view, state) : -1;
  const place = { width, selected, next, now };
  const facts: Facts = view.zoomed && view.pane === 'accounts' ? 'all' : 'none';
  if (kind === 'tiny' || kind === 'small') {
    return tinyAccountLines(theme, accounts, place).map((own, index) => {
      const account = accounts[index];
      if (account === undefined || facts === 'none') return [own];
      return [own, ...factLines(theme, account, account.windows, { width, now, about: 'plan' })];
    });
  }
  const columns = accountColumns(accounts, width, headings);
  const linesWith = (wanted: Facts): string[][] =>
    accountLines(theme, accounts, columns, { ...place, facts: wanted });
  if (facts === 'all') {
    const everything = spaced(linesWith('everything'));
    return everything.flat().length <= size.rows - zoomedMargin ? everything : linesWith(facts);
  }
  if (size.rows < tallRows) return linesWith(facts);
  const whole = linesWith('hidden');
  return whole.flat().length <= size.rows / 3 ? whole : linesWith('none');
};

/** What of a title line is not for notes: the title, the rules, the blanks between. */
const noteMargin = 17;

/** The notes that have room, in this order; where not all have, those that explain a mark go first. */
const fittingNotes = (notes: readonly string[], separator: string, room: number): string => {
  const kept = notes.filter((part) => part !== '');
  for (const index of [2, 1, 0]) {
    if (displayWidth(kept.join(separator)) <= room) break;
    const at = kept.indexOf(notes[index] ?? '');
    if (at !== -1) kept.splice(at, 1);
  }
  return kept.join(separator);
};

/** The pane with the accounts, or with what to do first while there is none. */
export const accountsPane = (
  input: FrameInput,
  layout: Layout,
  blocks: readonly string[][],
): readonly string[] => {
  const { state, theme, now } = input;
  const { accounts, next } = state;
  const { columns: width, headings } = layout;
  const { lines, note } = visibleAccounts(input, blocks, layout.accounts);
  const { glyphs } = theme;
  const legend = accounts.some(({ id, preferred }) => id === next && preferred !== true)
    ? `${glyphs.next} serves next`
    : '';
  const isPreferred = accounts.some(({ preferred }) => preferred === true);
  const pool = accounts.length < 2 ? null : keptPool(accounts, state.use, now);
  const words = accountSortWords(input.view.accountSort);
  const key = (input.keys ?? standardKeys).keyOf('list.sort');
  const order = words === '' || key === null ? words : `${words} (${key})`;
  // That all is well is worth no place.
  const outlook = (pool?.dryAt ?? null) === null ? '' : `pool ${poolText(pool, now)}`;
  const notes = fittingNotes(
    [outlook, legend, isPreferred ? `${glyphs.preferred} preferred` : '', note, order],
    ` ${glyphs.dot} `,
    width - noteMargin,
  );
  const title = { title: '1 Accounts', note: notes, focused: hasKeys(input, 'accounts') };
  const heading =
    accounts.length === 0 ? '' : accountHeading(theme, accountColumns(accounts, width, headings), width);
  return [
    ...(layout.titles ? [paneTitle(theme, title, width)] : []),
    ...(headings ? [heading] : []),
    ...padLines(lines, layout.accounts),
  ];
};
