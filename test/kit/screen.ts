import { StringDecoder } from 'node:string_decoder';
import headless from '@xterm/headless';

export type Screen = {
  /** Settles when the bytes have been drawn. */
  write(bytes: string | Uint8Array): Promise<void>;
  resize(columns: number, rows: number): void;
  /** What a person sees now, one string per row without trailing spaces; in the middle of a frame the one before it. */
  lines(): string[];
  text(): string;
  /** The alternate screen is shown. */
  alternate(): boolean;
  /** How many lines have gone up into the scrollback of the normal screen. */
  scrollback(): number;
  cursor(): { column: number; row: number };
  /** The colours and styles of one cell; null outside. Colours are palette numbers, -1 for the default. */
  cell(
    column: number,
    row: number,
  ): {
    text: string;
    foreground: number;
    background: number;
    bold: boolean;
    inverse: boolean;
    dim: boolean;
  } | null;
  modes(): { bracketedPaste: boolean; mouse: boolean; focusReports: boolean; applicationCursor: boolean };
  /** What the terminal answers to queries of the program. */
  onAnswer(listener: (bytes: string) => void): void;
  /** In the middle of a frame (mode 2026), of which nobody sees anything yet. */
  drawing(): boolean;
  /** Called after every change, but not in the middle of a frame. */
  onChange(listener: () => void): void;
};

/** The number of synchronized output. */
const frameMode = 2026;

/** A terminal in memory: shows what a real one would after the same bytes. */
export const createScreen = (columns: number, rows: number): Screen => {
  const terminal = new headless.Terminal({ cols: columns, rows, scrollback: 5000, allowProposedApi: true });
  const listeners = new Set<() => void>();
  // The decoder of the library loses a character that is cut behind a byte of 0x80, such as the dash of three bytes.
  const decoder = new StringDecoder('utf8');
  const drawn = (): string[] => {
    const { active } = terminal.buffer;
    return Array.from(
      { length: terminal.rows },
      // The alternate buffer keeps the cells that a narrower terminal has cut off; nobody sees them.
      (_, row) =>
        active
          .getLine(active.baseY + row)
          ?.translateToString(false, 0, terminal.cols)
          .trimEnd() ?? '',
    );
  };
  const drawing = (): boolean => terminal.modes.synchronizedOutputMode;
  let seen: string[] = [];
  terminal.parser.registerCsiHandler({ prefix: '?', final: 'h' }, (modes) => {
    if (modes.includes(frameMode) && !drawing()) seen = drawn();
    // The library does what there is to do.
    return false;
  });
  const lines = (): string[] => (drawing() ? [...seen] : drawn());
  return {
    drawing,
    write: (bytes) =>
      new Promise((resolve) => {
        terminal.write(typeof bytes === 'string' ? bytes : decoder.write(Buffer.from(bytes)), () => {
          if (!drawing()) for (const listener of listeners) listener();
          resolve();
        });
      }),
    resize: (newColumns, newRows) => terminal.resize(newColumns, newRows),
    lines,
    text: () => lines().join('\n'),
    alternate: () => terminal.buffer.active.type === 'alternate',
    scrollback: () => terminal.buffer.normal.baseY,
    cursor: () => ({ column: terminal.buffer.active.cursorX, row: terminal.buffer.active.cursorY }),
    cell(column, row) {
      const { active } = terminal.buffer;
      const cell = active.getLine(active.baseY + row)?.getCell(column);
      if (cell === undefined) return null;
      return {
        text: cell.getChars(),
        foreground: cell.isFgDefault() ? -1 : cell.getFgColor(),
        background: cell.isBgDefault() ? -1 : cell.getBgColor(),
        bold: cell.isBold() !== 0,
        inverse: cell.isInverse() !== 0,
        dim: cell.isDim() !== 0,
      };
    },
    modes: () => ({
      bracketedPaste: terminal.modes.bracketedPasteMode,
      mouse: terminal.modes.mouseTrackingMode !== 'none',
      focusReports: terminal.modes.sendFocusMode,
      applicationCursor: terminal.modes.applicationCursorKeysMode,
    }),
    onAnswer: (listener) => {
      terminal.onData(listener);
    },
    onChange: (listener) => {
      listeners.add(listener);
    },
  };
};

/**
 * The private modes that these bytes switched on and left on, by number, and the cursor (25) when they left it hidden;
 * `kitty` when more keyboard modes were pushed than popped. What a terminal does not implement is seen, too.
 */
export const modesLeftOn = (bytes: Uint8Array): string[] => {
  const text = Buffer.from(bytes).toString('latin1');
  const modes = new Map<string, boolean>();
  for (const [, numbers = '', set] of text.matchAll(/\x1b\[\?([\d;]+)([hl])/g)) {
    for (const mode of numbers.split(';')) modes.set(mode, (set === 'h') !== (mode === '25'));
  }
  const pushed = text.match(/\x1b\[>\d*u/g)?.length ?? 0;
  const popped = text.match(/\x1b\[<\d*u/g)?.length ?? 0;
  const left = [...modes].flatMap(([mode, on]) => (on ? [mode] : []));
  return pushed > popped ? [...left, 'kitty'] : left;
};
