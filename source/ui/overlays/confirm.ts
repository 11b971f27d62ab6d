import { sanitize } from '../../shared/sanitize.ts';
import type { Dialog, DialogContext } from '../dialog.ts';
import { closesOpen } from '../keymap.ts';
import { paragraph, titleLine } from '../line.ts';
import { createScrollText } from '../scroll-text.ts';

export type Confirmation = {
  title: string;
  /** What `y` leads to. May hold outside text. */
  text: string;
  /** What `y` does, for the footer. */
  yes: string;
  confirmed(): void;
};

/** Asks for a `y` before something happens; Enter is no yes. While more of the text stands below, `y` reads on. */
export const openConfirm = (
  context: DialogContext,
  { title, text, yes, confirmed }: Confirmation,
): Dialog => {
  const scrolled = createScrollText(context.keys);
  return {
    lines: (theme, { columns, rows }) => {
      const lines = paragraph(theme, sanitize(text, 600), {
        columns: columns - 1,
        margin: columns < 46 ? 1 : 3,
      });
      const full = [titleLine(theme, { title, note: '', focused: true }, columns), '', ...lines];
      return scrolled.shown(full.length <= rows ? full : lines, rows);
    },
    footer: () => [
      { key: 'y', text: scrolled.below() > 0 ? 'read on' : yes },
      { key: 'Esc', text: 'cancel' },
    ],
    press(name) {
      if (name === 'y') {
        if (scrolled.readOn()) return;
        context.close();
        confirmed();
      } else if (name === 'n' || closesOpen(context.keys, name)) context.close();
      else scrolled.press(name);
    },
    paste: () => {},
  };
};
