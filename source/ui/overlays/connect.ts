import { displayWidth } from '../../shared/display-width.ts';
import { sanitize } from '../../shared/sanitize.ts';
import type { Dialog, DialogContext } from '../dialog.ts';
import { scrollTo, type Size } from '../layout.ts';
import { shorten, titleLine } from '../line.ts';
import type { Theme } from '../theme.ts';
import { connectBlocks, type ConnectBlock } from './connect-blocks.ts';

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
    return url === null ? [] : connectBlocks(url, alias, demo);
  };
  const copy = (): void => {
    const block = blocks()[selected];
    if (block === undefined) return;
    context.copy(block.lines.join('\n'));
    context.tell('copied, if your terminal allows it');
  };
  const move = (by: number): void => {
    selected = Math.max(0, Math.min(selected + by, blocks().length - 1));
  };
  const keys: Readonly<Record<string, () => void>> = {
    j: () => move(1),
    down: () => move(1),
    k: () => move(-1),
    up: () => move(-1),
    g: () => move(-Infinity),
    home: () => move(-Infinity),
    G: () => move(Infinity),
    end: () => move(Infinity),
    y: copy,
    enter: copy,
    c: () => context.close(),
    q: () => context.close(),
    escape: () => context.close(),
  };
  return {
    lines(theme, size) {
      const all = blocks();
      const note = context.state().demo === true ? 'a demo: answers are simulated' : '';
      return all.length === 0 ? [theme.text(notYet)] : connectLines(theme, all, selected, size, note);
    },
    footer: () => [
      { key: 'j/k', text: 'choose' },
      { key: 'y', text: 'copy' },
      { key: 'Esc', text: 'close' },
    ],
    press: (name) => {
      if (Object.hasOwn(keys, name)) keys[name]?.();
    },
    paste: () => {},
  };
};
