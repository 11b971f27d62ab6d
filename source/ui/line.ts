import { displayWidth } from '../shared/display-width.ts';
import { fit, wrap } from './fit.ts';
import type { Theme, Tone } from './theme.ts';

/** One column of a line. `text` was sanitised when it came from outside. */
export type Cell = { text: string; width: number; align?: 'right'; tone?: Tone };

/** A cell of its text's own width. */
export const cell = (text: string, tone: Tone = 'plain'): Cell => ({ text, width: displayWidth(text), tone });

/** A cell for a number: right-aligned, so that digits do not jump. */
export const numberCell = (text: string, width: number, tone: Tone = 'plain'): Cell => ({
  text,
  width,
  tone,
  align: 'right',
});

/** Takes no column; the gaps on its two sides make a wider one. */
export const spacer: Cell = { text: '', width: 0 };

/** As much of the text as has room, with no blank behind it. `text` was sanitised when it came from outside. */
export const shorten = (theme: Theme, text: string, columns: number): string =>
  fit(theme.text(text), columns, 'left', theme.glyphs.more).trimEnd();

/**
 * Text in as many lines as it needs, each behind `margin` blanks and none wider than `columns`; no line for no text.
 * `text` was sanitised when it came from outside.
 */
export const paragraph = (
  theme: Theme,
  text: string,
  { columns, margin, tone = 'plain' }: { columns: number; margin: number; tone?: Tone },
): string[] =>
  wrap(theme.text(text), columns - margin, theme.glyphs.more).map(
    (each) => ' '.repeat(margin) + theme.paint(tone, each),
  );

/** Columns that the cells take side by side. */
export const cellsWidth = (cells: readonly Cell[]): number =>
  cells.reduce((sum, { width }) => sum + width, Math.max(0, cells.length - 1));

/**
 * The cells side by side, one column between them, never wider than `columns`. A selected line is strong throughout;
 * its mark is a cell of its own, because bold alone is invisible on some consoles.
 */
export const line = (theme: Theme, cells: readonly Cell[], columns: number, selected = false): string => {
  const parts: string[] = [];
  let used = 0;
  for (const [index, { text, width, align, tone = 'plain' }] of cells.entries()) {
    const gap = index === 0 ? 0 : 1;
    const room = Math.min(width, columns - used - gap);
    if (room < 0 || (room === 0 && width > 0)) break;
    const fitted = fit(theme.text(text), room, align ?? 'left', theme.glyphs.more);
    // Faint ends with the same code as strong, so it would end that too.
    const shown = selected && (tone === 'faint' || tone === 'strong') ? 'plain' : tone;
    parts.push(' '.repeat(gap), theme.paint(shown, fitted));
    used += gap + room;
  }
  const joined = parts.join('');
  return selected ? theme.paint('strong', joined) : joined;
};

/** A title in a rule over the whole width: `─ Requests ───────── FOLLOW ─`; `lead` stands before it. */
export const titleLine = (
  theme: Theme,
  parts: { title: string; note: string; focused: boolean },
  columns: number,
  lead: string = theme.glyphs.rule,
): string => {
  const { rule } = theme.glyphs;
  const title = theme.text(parts.title);
  const note = theme.text(parts.note);
  const free = columns - displayWidth(title) - displayWidth(note) - (note === '' ? 4 : 7);
  if (free < 0) return theme.paint('faint', fit(`${lead} ${title}`, columns, 'left', theme.glyphs.more));
  const tail = note === '' ? '' : ` ${note} ${rule}`;
  return (
    theme.paint('faint', `${lead} `) +
    theme.paint(parts.focused ? 'strong' : 'plain', title) +
    theme.paint('faint', ` ${rule.repeat(free + 1)}${tail}`)
  );
};

/** The title of one pane of several: a mark is before that of the one with the keys, as bold alone is invisible on some consoles. */
export const paneTitle = (
  theme: Theme,
  parts: { title: string; note: string; focused: boolean },
  columns: number,
): string => titleLine(theme, parts, columns, parts.focused ? theme.glyphs.focus : theme.glyphs.rule);
