import { serves } from '../../store/selectors.ts';
import { scrollTo } from '../layout.ts';
import { accountIndex, type FrameInput } from '../view.ts';

type Shown = {
  lines: string[];
  /** Which of them are in view; empty while all are. */
  note: string;
};

type Blocks = readonly (readonly string[])[];

const noteOf = (start: number, shown: number, total: number): string =>
  shown < total ? `${start + 1}-${start + shown} of ${total}` : '';

/** A row of each, and of what stands below the rows as much as fits: first of those that do not serve. */
const withSome = ({ state }: FrameInput, blocks: Blocks, height: number): string[] => {
  const isUsed = (index: number): boolean => {
    const account = state.accounts[index];
    return account !== undefined && serves(account.state);
  };
  let spare = height - blocks.length;
  const more = new Map<number, number>();
  const order = blocks
    .map((_, index) => index)
    .toSorted((a, b) => Number(isUsed(a)) - Number(isUsed(b)) || a - b);
  for (const index of order) {
    const extra = Math.min(spare, (blocks[index]?.length ?? 1) - 1);
    more.set(index, extra);
    spare -= extra;
  }
  return blocks.flatMap((block, index) => block.slice(0, 1 + (more.get(index) ?? 0)));
};

/** From the selected account upwards as many whole ones as fit, and what comes behind. */
const wholeBlocks = (blocks: Blocks, selected: number, top: number, height: number): Shown => {
  const heightOf = (from: number, to: number): number => blocks.slice(from, to + 1).flat().length;
  let start = Math.max(0, Math.min(top, selected));
  while (start < selected && heightOf(start, selected) > height) start += 1;
  // Nothing is left empty at the end.
  while (start > 0 && heightOf(start - 1, blocks.length - 1) <= height) start -= 1;
  let count = 0;
  while (start + count < blocks.length && heightOf(start, start + count) <= height) count += 1;
  const lines = blocks.slice(start).flat().slice(0, height);
  return { lines, note: noteOf(start, Math.max(1, count), blocks.length) };
};

/**
 * The lines of the accounts that are in view, with the selected one among them. What stands below the rows goes first,
 * last of all why an account does not serve; then the accounts scroll. A pane that has the whole screen keeps them whole.
 */
export const visibleAccounts = (input: FrameInput, blocks: Blocks, height: number): Shown => {
  const { state, view } = input;
  const all = blocks.flat();
  const total = state.accounts.length;
  if (all.length <= height || total === 0) return { lines: all, note: '' };
  const selected = accountIndex(view, state);
  if (view.zoomed) return wholeBlocks(blocks, selected, view.accountTop, height);
  if (total <= height) return { lines: withSome(input, blocks, height), note: '' };
  const start = scrollTo(selected, view.accountTop, height, total);
  const lines = blocks.slice(start, start + height).map(([first = '']) => first);
  return { lines, note: noteOf(start, lines.length, total) };
};
