// How things look: one table of glyphs, one of colours. Only the 16 ANSI colours and the default background, so that
// every palette and a light background stay readable. Components use neither Ink's nor chalk's colours: those do not
// honour NO_COLOR (measured: 18 colour codes with NO_COLOR=1), this does.

export type Tone = 'plain' | 'good' | 'warning' | 'bad' | 'faint' | 'accent' | 'strong';

const codes: Record<Exclude<Tone, 'plain'>, readonly [open: number, close: number]> = {
  good: [32, 39],
  warning: [33, 39],
  bad: [31, 39],
  accent: [36, 39],
  faint: [2, 22],
  strong: [1, 22],
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
  /** The account that serves next. */
  next: '→',
  dot: '·',
  /** Rows that belong together: the first, one between, the last. */
  tieFirst: '┌',
  tie: '├',
  tieLast: '└',
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
  next: '+',
  dot: '-',
  tieFirst: ',',
  tie: '|',
  tieLast: '`',
  caret: '|',
};

const asciiOf = new Map<string, string>(
  (Object.keys(unicode) as (keyof Glyphs)[]).map((name) => [unicode[name], ascii[name]]),
);
const toAscii = (text: string): string =>
  text.replaceAll(/[^\x20-\x7e]/gu, (character) => asciiOf.get(character) ?? '?');

export type Theme = {
  glyphs: Glyphs;
  /** The eight heights of a sparkline, lowest first. */
  sparks: string;
  /** The text as this terminal can show it: unchanged, or in ASCII. */
  text(text: string): string;
  /** The text in a colour; unchanged when there are no colours. Never changes its width. */
  paint(tone: Tone, text: string): string;
};

export const createTheme = ({ ascii: plain, color }: { ascii: boolean; color: boolean }): Theme => ({
  glyphs: plain ? ascii : unicode,
  sparks: plain ? '.:-=+*#@' : '▁▂▃▄▅▆▇█',
  text: (text) => (plain ? toAscii(text) : text),
  paint: (tone, text) => {
    if (!color || tone === 'plain' || text === '') return text;
    const [open, close] = codes[tone];
    return `\u001B[${open}m${text}\u001B[${close}m`;
  },
});
