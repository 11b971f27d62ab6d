import type { Dialog, DialogContext } from '../dialog.ts';
import { paragraph, titleLine } from '../line.ts';

const title = { title: 'Add an account', note: '', focused: true };
const text =
  'This is a demo: no account can be added to it, and no key should be typed into it. Leave it with q and start ccr-tui.';
const closing: ReadonlySet<string> = new Set(['escape', 'enter', 'q', 'a']);

/** In place of the form, in a demo: nobody should paste a key and then read that it is not wanted. */
export const openDemoRefusal = (context: DialogContext): Dialog => ({
  lines: (theme, { columns, rows }) => {
    const lines = paragraph(theme, text, { columns: columns - 1, margin: 3 });
    return rows < lines.length + 2 ? lines : [titleLine(theme, title, columns), '', ...lines];
  },
  footer: () => [{ key: 'Esc', text: 'close' }],
  press: (name) => {
    if (closing.has(name)) context.close();
  },
  paste: () => {},
});
