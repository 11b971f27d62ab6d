import type { Dialog, DialogContext } from './dialog.ts';

/**
 * What opens a dialog, by the name of the action in the table; null when there is nothing to open it for. `argument` is what stood
 * behind the name at the command prompt.
 */
export type Dialogs = Readonly<Record<string, (context: DialogContext, argument?: string) => Dialog | null>>;

/** Where the open dialog stands; what `close` and `changed` of one that is not open any more must not touch. */
export type DialogPlace = { dialog: Dialog | null };

export type OpenDialogOptions = Pick<
  DialogContext,
  'commander' | 'state' | 'account' | 'request' | 'perform' | 'outside' | 'keys' | 'tell' | 'copy'
> & {
  /** Draws soon. */
  changed(): void;
};

/** Opens a dialog in that place. It closes itself, or is closed by `place.dialog = null`. */
export const openDialog = (
  place: DialogPlace,
  make: (context: DialogContext) => Dialog | null,
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
  if (mine.dialog === null) return;
  place.dialog = mine.dialog;
  changed();
};
