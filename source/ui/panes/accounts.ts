import { layoutFor, scrollTo, type Layout } from '../layout.ts';
import { titleLine } from '../line.ts';
import { accountIndex, type FrameInput } from '../view.ts';
import { accountHeading, accountLines } from './account-lines.ts';
import { padLines } from '../fit.ts';
import { onboardingLines } from './welcome.ts';

/** The accounts' lines before it is known how many of them fit: one block for each account. */
export const accountBlocks = ({ state, view, size, theme, now }: FrameInput): string[][] => {
  if (state.accounts.length === 0) return [onboardingLines(theme, size.columns)];
  const { kind, columns } = layoutFor(size, 1, view.pane);
  const selected = view.pane === 'accounts' ? accountIndex(view, state) : -1;
  return accountLines(theme, state.accounts, { kind, columns, selected, now });
};

type Shown = { lines: string[]; note: string };

/** When not all fit, the reasons below the rows go first; then the accounts scroll and the title says where. */
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
  const { lines, note } = visible(input, blocks, layout.accounts);
  const title = { title: 'Accounts', note, focused: view.pane === 'accounts' };
  const heading = state.accounts.length === 0 ? '' : accountHeading(theme, state.accounts, layout.columns);
  return [
    ...(layout.titles ? [titleLine(theme, title, layout.columns)] : []),
    ...(layout.headings ? [heading] : []),
    ...padLines(lines, layout.accounts),
  ];
};
