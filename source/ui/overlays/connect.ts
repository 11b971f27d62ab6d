import { displayWidth } from '../../shared/display-width.ts';
import { sanitize } from '../../shared/sanitize.ts';
import type { Dialog, DialogContext } from '../dialog.ts';
import { closesOpen, moveHint } from '../keymap.ts';
import { scrollTo, type Size } from '../layout.ts';
import { shorten, titleLine } from '../line.ts';
import { movedBy } from '../moves.ts';
import type { Theme } from '../theme.ts';
import { connectBlocks, writeBlock, type ConnectBlock } from './connect-blocks.ts';

const indent = 3;

/** A label with the mark of the selection, and below it nothing but what is to be copied: no frame, no mark. */
const drawBlock = (theme: Theme, block: ConnectBlock, selected: boolean, columns: number): string[] => {
  const cut = block.lines.some((each) => displayWidth(each) > columns - indent);
  const label = `${block.label}${cut ? ' (y copies all of it)' : ''}`;
  const shown = shorten(theme, label, columns - indent);
  return [
    ` ${selected ? theme.glyphs.select : ' '} ${theme.paint(selected ? 'strong' : 'faint', shown)}`,
    ...block.lines.map((each) => {
      const text = shorten(theme, sanitize(each, 4096), columns - indent);
      return ' '.repeat(indent) + theme.paint('accent', text);
    }),
  ];
};

type Drawn = { lines: string[]; starts: number[]; ends: number[] };

const drawAll = (
  theme: Theme,
  blocks: readonly ConnectBlock[],
  selected: number,
  columns: number,
  gap: boolean,
): Drawn => {
  const drawn: Drawn = { lines: [], starts: [], ends: [] };
  for (const [index, block] of blocks.entries()) {
    if (gap && index > 0) drawn.lines.push('');
    drawn.starts.push(drawn.lines.length);
    drawn.lines.push(...drawBlock(theme, block, index === selected, columns));
    drawn.ends.push(drawn.lines.length);
  }
  return drawn;
};

/** The blocks in that room. Without room for all, empty lines go first; then it scrolls to the selected one. */
const connectLines = (
  theme: Theme,
  blocks: readonly ConnectBlock[],
  selected: number,
  { columns, rows }: Size,
  note: string,
): string[] => {
  const titled = rows >= 8;
  const title = titleLine(theme, { title: 'Connect a client', note, focused: true }, columns);
  const room = rows - (titled ? 1 : 0);
  const airy = drawAll(theme, blocks, selected, columns, true);
  const drawn = airy.lines.length + 1 <= room ? airy : drawAll(theme, blocks, selected, columns, false);
  const start = drawn.starts[selected] ?? 0;
  // The whole block, and at least its beginning.
  const down = scrollTo((drawn.ends[selected] ?? 1) - 1, 0, room, drawn.lines.length);
  const top = Math.min(down, start);
  const shown = drawn.lines.slice(top, top + room);
  const blank = drawn === airy && titled ? [''] : [];
  return [...(titled ? [title] : []), ...blank, ...shown];
};

const notYet = '   The proxy does not listen yet.';

/** The page with what to set in a client, each piece ready to copy. `alias`: see `connectBlocks`. */
export const openConnect = (context: DialogContext, alias: string | null = null): Dialog => {
  let selected = 0;
  const blocks = (): ConnectBlock[] => {
    const { url, demo } = context.state();
    if (url === null) return [];
    const toCopy = connectBlocks(url, alias, demo);
    return context.outside.connectsClient === undefined ? toCopy : [writeBlock, ...toCopy];
  };
  const copy = (): void => {
    const block = blocks()[selected];
    if (block === undefined) return;
    context.copy(block.lines.join('\n'));
    context.tell('copied, if your terminal allows it');
  };
  const keys: Readonly<Record<string, () => void>> = {
    y: copy,
    enter: () => {
      const opens = blocks()[selected]?.opens;
      if (opens === undefined) return copy();
      context.close();
      context.perform(opens);
    },
  };
  return {
    lines(theme, size) {
      const all = blocks();
      const note = context.state().demo === true ? 'a demo: answers are simulated' : '';
      return all.length === 0 ? [theme.text(notYet)] : connectLines(theme, all, selected, size, note);
    },
    footer: () => [
      ...moveHint(context.keys, 'choose'),
      ...(blocks()[selected]?.opens === undefined ? [] : [{ key: 'Enter', text: 'see the change' }]),
      { key: 'y', text: 'copy' },
      { key: 'Esc', text: 'close' },
    ],
    press: (name) => {
      const { length } = blocks();
      if (Object.hasOwn(keys, name)) keys[name]?.();
      else if (closesOpen(context.keys, name, 'client.connect')) context.close();
      else selected = movedBy(name, selected, { page: length, last: length - 1 }, context.keys);
    },
    paste: () => {},
  };
};
