import type { Dialog, DialogContext } from '../dialog.ts';
import { closesOpen, withKey, type Keymap } from '../keymap.ts';
import { paragraph, titleLine } from '../line.ts';

const title = { title: 'Add an account', note: '', focused: true };
const textOf = (keys: Keymap): string =>
  `This is a demo: no account can be added, no key should be typed into it. Leave it${withKey(keys, 'quit', (key) => ` with ${key}`)} and start ccr-tui.`;

/** In place of the form, in a demo: nobody should paste a key and then read that it is not wanted. */
export const openDemoRefusal = (context: DialogContext): Dialog => ({
  lines: (theme, { columns, rows }) => {
    // All of it has to stand in the four lines of the smallest screen.
    const place = columns < 46 ? { columns, margin: 0 } : { columns: columns - 1, margin: 3 };
    const lines = paragraph(theme, textOf(context.keys), place);
    return rows < lines.length + 2 ? lines : [titleLine(theme, title, columns), '', ...lines];
  },
  footer: () => [{ key: 'Esc', text: 'close' }],
  press: (name) => {
    if (name === 'enter' || closesOpen(context.keys, name, 'account.add')) context.close();
  },
  paste: () => {},
});
