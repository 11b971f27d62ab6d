import type { CommandResults } from '../../shared/commands.ts';
import { sanitize } from '../../shared/sanitize.ts';
import type { Secret } from '../../shared/secret.ts';
import type { Dialog, DialogContext } from '../dialog.ts';
import { paragraph, titleLine } from '../line.ts';
import type { Tone } from '../theme.ts';

const required =
  'From now on every client has to show a key (ANTHROPIC_AUTH_TOKEN); without one it is refused. ccr-tui config set requireClientKey false lets them in without.';

/** A new key, this once: it is nowhere else, and gone with this page. `y` copies it. */
export const openKeyCreated = (
  context: DialogContext,
  created: CommandResults['key.create'],
  key: Secret,
  after: () => void,
): Dialog => {
  let shown: Secret | null = key;
  const close = (): void => {
    shown = null;
    context.close();
    after();
  };
  return {
    lines(theme, { columns, rows }) {
      const margin = columns < 46 ? 1 : 3;
      const words = (text: string, tone: Tone = 'plain'): string[] =>
        paragraph(theme, sanitize(text, 1000), { columns: columns - 1, margin, tone });
      const title = `Client key ${sanitize(created.key.name, 64)}`;
      const head =
        rows < 8 ? [] : [titleLine(theme, { title, note: 'shown this once', focused: true }, columns), ''];
      const text = shown?.reveal() ?? '';
      const room = Math.max(1, columns - margin);
      const parts = Array.from({ length: Math.ceil(text.length / room) }, (_, index) =>
        text.slice(index * room, (index + 1) * room),
      );
      return [
        ...head,
        ...parts.map((part) => ' '.repeat(margin) + theme.paint('accent', part)),
        ...(rows < 8 ? [] : ['']),
        ...words('Copy it now: it is not shown again.'),
        ...(created.notice === null
          ? []
          : words(`What it is checked by is a secret of ccr-tui: ${created.notice}`, 'warning')),
        ...(created.required ? words(required, 'warning') : []),
      ].slice(0, rows);
    },
    footer: () => [
      { key: 'y', text: 'copy' },
      { key: 'Esc', text: 'close; it is gone then' },
    ],
    press(name) {
      // Enter closes nothing: it may have been meant for the question before.
      if (name === 'y' && shown !== null) {
        context.copy(shown.reveal());
        context.tell('copied, if your terminal allows it');
      } else if (name === 'escape' || name === 'q') close();
    },
    paste: () => {},
  };
};
