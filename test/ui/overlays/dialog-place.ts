import type { CommandArgs } from '../../../source/shared/commands.ts';
import type { Commander } from '../../../source/shared/session.ts';
import type { Dialog, DialogContext } from '../../../source/ui/dialog.ts';
import { standardKeys } from '../../../source/ui/keymap.ts';
import type { Size } from '../../../source/ui/layout.ts';
import { createTheme } from '../../../source/ui/theme.ts';
import { emptyState } from '../sample.ts';

/** What a dialog did to the screen it stands on. */
export type Told = {
  closed: number;
  changed: number;
  sentences: string[];
  copied: string[];
  performed: string[];
};

/** A place for a dialog that adds accounts: the commands it sends go to `run`. */
export const dialogPlace = (
  run: (args: CommandArgs<'account.add'>, secret: Uint8Array) => Promise<unknown>,
  state = emptyState,
): { context: DialogContext; told: Told } =>
  commandPlace((_, args, secret) => run(args as CommandArgs<'account.add'>, secret), state);

/** A place for any dialog; the first account of the state is the selected one. */
export const commandPlace = (
  run: (name: string, args: unknown, secret: Uint8Array) => Promise<unknown>,
  state = emptyState,
): { context: DialogContext; told: Told } => {
  const told: Told = { closed: 0, changed: 0, sentences: [], copied: [], performed: [] };
  const commander = { run } as unknown as Commander;
  const context: DialogContext = {
    commander,
    state: () => state,
    account: () => state.accounts[0] ?? null,
    request: () => state.rows.at(-1) ?? null,
    changed: () => void (told.changed += 1),
    close: () => void (told.closed += 1),
    outside: {},
    keys: standardKeys,
    perform: (action) => void told.performed.push(action),
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
