import { padLines } from '../fit.ts';
import { layoutFor, scrollTo, type Layout } from '../layout.ts';
import { titleLine } from '../line.ts';
import { accountIndex, type FrameInput } from '../view.ts';
import { accountColumns } from './account-columns.ts';
import { accountHeading, accountLines, tinyAccountLines } from './account-lines.ts';
import { onboardingLines } from './welcome.ts';

/** The accounts' lines before it is known how many of them fit: one block for each account. */
export const accountBlocks = ({ state, view, size, theme, now }: FrameInput): string[][] => {
  const { accounts, next } = state;
  if (accounts.length === 0) return [onboardingLines(theme, size.columns)];
  const { kind, columns: width, headings } = layoutFor(size, 1, view.pane);
  const selected = view.pane === 'accounts' ? accountIndex(view, state) : -1;
  const place = { width, selected, next, now };
  if (kind === 'tiny' || kind === 'small')
    return tinyAccountLines(theme, accounts, place).map((own) => [own]);
  return accountLines(theme, accounts, accountColumns(accounts, width, headings), place);
};

type Shown = { lines: string[]; note: string };

/** When not all fit, the remarks below the rows go first; then the accounts scroll and the title says where. */
const visible = ({ state, view }: FrameInput, blocks: readonly string[][], height: number): Shown => {
  const all = blocks.flat();
  const total = state.accounts.length;
  if (all.length <= height || total === 0) return { lines: all, note: '' };
  const start = scrollTo(accountIndex(view, state), view.accountTop, height, total);
  const lines = blocks.slice(start, start + height).map(([first = '']) => first);
  return { lines, note: lines.length < total ? `${start + 1}-${start + lines.length} of ${total}` : '' };
};

/** The pane with the accounts, or with what to do first while there is none. */
export const accountsPane = (
  input: FrameInput,
  layout: Layout,
  blocks: readonly string[][],
): readonly string[] => {
  const { state, view, theme } = input;
  const { accounts, next } = state;
  const { columns: width, headings } = layout;
  const { lines, note } = visible(input, blocks, layout.accounts);
  const { glyphs } = theme;
  const legend = accounts.some(({ id }) => id === next) ? `${glyphs.next} serves next` : '';
  const notes = [legend, note].filter((part) => part !== '').join(` ${glyphs.dot} `);
  const title = { title: '1 Accounts', note: notes, focused: view.pane === 'accounts' };
  const heading =
    accounts.length === 0 ? '' : accountHeading(theme, accountColumns(accounts, width, headings), width);
  return [
    ...(layout.titles ? [titleLine(theme, title, width)] : []),
    ...(headings ? [heading] : []),
    ...padLines(lines, layout.accounts),
  ];
};
