import type { ThemeName } from '../shared/look.ts';

// How things look: one table of glyphs, one of colours. Only the 16 ANSI colours and the default background, so that
// every palette and a light background stay readable. Components use neither Ink's nor chalk's colours: those do not
// honour NO_COLOR (measured: 18 colour codes with NO_COLOR=1), this does.

export type Tone = 'plain' | 'good' | 'warning' | 'bad' | 'faint' | 'accent' | 'strong';

type Code = readonly [open: number, close: number];

/** The code of each tone; a tone without one looks plain. */
type Palette = Readonly<Partial<Record<Tone, Code>>>;

const strong: Code = [1, 22];
const faint: Code = [2, 22];

const palettes: Readonly<Record<ThemeName, Palette>> = {
  auto: { good: [32, 39], warning: [33, 39], bad: [31, 39], accent: [36, 39], faint, strong },
  mono: { faint, strong },
  // Nothing faint, and a colour only for what is wrong: one that can be read on black and on white.
  'high-contrast': { warning: [35, 39], bad: [31, 39], strong },
  // Blue for what is well, so that nothing is told by red against green.
  'colour-blind': { good: [94, 39], warning: [33, 39], bad: [31, 39], accent: [36, 39], faint, strong },
};

const unicode = {
  full: '●',
  half: '◐',
  empty: '○',
  cross: '✗',
  turn: '↻',
  barOn: '▮',
  barOff: '▯',
  rule: '─',
  none: '—',
  more: '…',
  select: '>',
  /** In front of the title of what has the keys. */
  focus: '▸',
  /** The account that serves next. */
  next: '→',
  /** The account that its owner prefers. */
  preferred: '★',
  dot: '·',
  /** Rows that belong together: the first, one between, the last. */
  tieFirst: '┌',
  tie: '├',
  tieLast: '└',
  /** Between two halves of the screen. */
  wall: '│',
  /** Where text is typed. */
  caret: '▏',
};
export type Glyphs = Record<keyof typeof unicode, string>;
const ascii: Glyphs = {
  full: '*',
  half: '~',
  empty: 'o',
  cross: 'x',
  turn: '^',
  barOn: '#',
  barOff: '.',
  rule: '-',
  none: '-',
  more: '.',
  select: '>',
  focus: '>',
  next: '+',
  preferred: '!',
  dot: '-',
  tieFirst: ',',
  tie: '|',
  tieLast: '`',
  wall: '|',
  caret: '|',
};

const asciiOf = new Map<string, string>(
  (Object.keys(unicode) as (keyof Glyphs)[]).map((name) => [unicode[name], ascii[name]]),
);
const toAscii = (text: string): string =>
  text.replaceAll(/[^\x20-\x7e]/gu, (character) => asciiOf.get(character) ?? '?');

export type Theme = {
  name: ThemeName;
  /** The terminal shows colours, and its person wants them. */
  colorful: boolean;
  glyphs: Glyphs;
  /** The eight heights of a sparkline, lowest first. */
  sparks: string;
  /** The text as this terminal can show it: unchanged, or in ASCII. */
  text(text: string): string;
  /** The text in a colour; unchanged when there are no colours. Never changes its width. */
  paint(tone: Tone, text: string): string;
  /** The same with the colours of that name. */
  as(name: ThemeName): Theme;
};

export const createTheme = ({
  ascii: plain,
  color,
  name = 'auto',
}: {
  ascii: boolean;
  color: boolean;
  name?: ThemeName;
}): Theme => ({
  name,
  colorful: color,
  glyphs: plain ? ascii : unicode,
  sparks: plain ? '.:-=+*#@' : '▁▂▃▄▅▆▇█',
  text: (text) => (plain ? toAscii(text) : text),
  paint: (tone, text) => {
    const code = palettes[name][tone];
    if (!color || code === undefined || text === '') return text;
    const [open, close] = code;
    return `\u001B[${open}m${text}\u001B[${close}m`;
  },
  as: (other) => createTheme({ ascii: plain, color, name: other }),
});
