import type { Dialog, DialogContext } from './dialog.ts';

/** What opens a dialog, by the name of the action in the table. */
export type Dialogs = Readonly<Record<string, (context: DialogContext) => Dialog>>;

/** Where the open dialog stands; what `close` and `changed` of one that is not open any more must not touch. */
export type DialogPlace = { dialog: Dialog | null };

export type OpenDialogOptions = Pick<DialogContext, 'commander' | 'state' | 'tell' | 'copy'> & {
  /** Draws soon. */
  changed(): void;
};

/** Opens a dialog in that place. It closes itself, or is closed by `place.dialog = null`. */
export const openDialog = (
  place: DialogPlace,
  make: (context: DialogContext) => Dialog,
  { changed, ...given }: OpenDialogOptions,
): void => {
  const mine: DialogPlace = { dialog: null };
  const open = (): boolean => mine.dialog !== null && place.dialog === mine.dialog;
  mine.dialog = make({
    ...given,
    changed: () => {
      if (open()) changed();
    },
    close: () => {
      if (!open()) return;
      place.dialog = null;
      changed();
    },
  });
  place.dialog = mine.dialog;
  changed();
};
