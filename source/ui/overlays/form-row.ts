import { sanitize } from '../../shared/sanitize.ts';
import { shorten } from '../line.ts';
import { drawField, fieldText, type TextField } from '../text-field.ts';
import type { Theme } from '../theme.ts';

const steps: Readonly<Record<string, number>> = { tab: 1, down: 1, 'shift+tab': -1, up: -1 };

/** How many fields a key goes on in a form, -1 for back; 0 for a key that stays. */
export const formStep = (key: string): number => (Object.hasOwn(steps, key) ? (steps[key] ?? 0) : 0);

/** A line of text in a form: with its cursor while it has the keys, and what holds while nothing is typed. */
export const drawText = (
  theme: Theme,
  field: TextField,
  { focused, empty, room }: { focused: boolean; empty: string; room: number },
): string => {
  const text = fieldText(field);
  if (text === '') {
    const caret = focused ? theme.paint('accent', theme.glyphs.caret) : '';
    return caret + theme.paint('faint', shorten(theme, empty, room - 1));
  }
  return focused ? drawField(theme, field, room) : shorten(theme, sanitize(text, 200), room);
};

/** A field of a form: a mark while it has the keys, its label, and from column `indent` on what is in it. */
export const formRow = (
  theme: Theme,
  { label, focused, indent }: { label: string; focused: boolean; indent: number },
  content: string,
): string => {
  const name = theme.paint(focused ? 'strong' : 'plain', label.padEnd(indent - 4));
  return ` ${focused ? theme.glyphs.select : ' '} ${name} ${content}`;
};
