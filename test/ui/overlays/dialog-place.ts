import type { CommandArgs } from '../../../source/shared/commands.ts';
import type { Commander } from '../../../source/shared/session.ts';
import type { Dialog, DialogContext } from '../../../source/ui/dialog.ts';
import type { Size } from '../../../source/ui/layout.ts';
import { createTheme } from '../../../source/ui/theme.ts';
import { emptyState } from '../sample.ts';

/** What a dialog did to the screen it stands on. */
export type Told = { closed: number; changed: number; sentences: string[]; copied: string[] };

/** A place for a dialog: the commands it sends go to `run`. */
export const dialogPlace = (
  run: (args: CommandArgs<'account.add'>, secret: Uint8Array) => Promise<unknown>,
  state = emptyState,
): { context: DialogContext; told: Told } => {
  const told: Told = { closed: 0, changed: 0, sentences: [], copied: [] };
  const commander = {
    run: (_: string, args: CommandArgs<'account.add'>, secret: Uint8Array) => run(args, secret),
  } as unknown as Commander;
  const context: DialogContext = {
    commander,
    state: () => state,
    changed: () => void (told.changed += 1),
    close: () => void (told.closed += 1),
    tell: (text) => void told.sentences.push(text),
    copy: (text) => void told.copied.push(text),
  };
  return { context, told };
};

export const plain = createTheme({ ascii: false, color: false });

/** What a person reads of it in that room. */
export const readDialog = (dialog: Dialog, size: Size = { columns: 100, rows: 28 }): string =>
  dialog.lines(plain, size).join('\n');

export const type = (dialog: Dialog, ...names: string[]): void => {
  for (const name of names) dialog.press(name);
};

/** Letter by letter. */
export const typeText = (dialog: Dialog, text: string): void => type(dialog, ...Array.from(text));
