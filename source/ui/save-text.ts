import { asCcrError } from '../shared/errors.ts';
import { sanitize } from '../shared/sanitize.ts';
import type { DialogContext } from './dialog.ts';

/** Writes a new file, and tells where it is, or why there is none; `what` is in it. */
export const saveText = (
  { outside, tell }: Pick<DialogContext, 'outside' | 'tell'>,
  name: string,
  content: string,
  what: string,
): void => {
  if (outside.saveFile === undefined) {
    tell('no file can be written from here');
    return;
  }
  outside.saveFile(name, content).then(
    (path) => tell(`wrote ${what} to ${sanitize(path, 300)}`),
    (error: unknown) =>
      tell(
        asCcrError(error)
          .lines.map((line) => sanitize(line, 300))
          .join('; '),
      ),
  );
};
