import { createFileLock } from '../config/file-lock.ts';
import { ensureFolder, resolvePaths } from '../config/paths.ts';
import { loadSettings } from '../config/settings.ts';
import type { KeyBook } from '../credentials/key-book.ts';
import type { CommandContext } from './context.ts';
import { openPepper } from './open-pepper.ts';

/**
 * The keys of this home, for when no instance runs and this process writes itself. Opens neither keychain nor vault before a
 * key is made.
 */
export const openKeyBook = async (context: CommandContext): Promise<KeyBook> => {
  const { env, clock } = context;
  const paths = resolvePaths(env);
  const [{ openDocument }, { createKeyBook }, hasher] = await Promise.all([
    import('../config/document.ts'),
    import('../credentials/key-book.ts'),
    openPepper(context),
  ]);
  return createKeyBook({
    document: openDocument(paths),
    hasher,
    alone: (work) => {
      ensureFolder(paths.home);
      return createFileLock(paths.keyLock).run(work);
    },
    clock,
    read: () => loadSettings({ paths, env, flags: {} }),
  });
};
