import { resolvePaths } from '../config/paths.ts';
import { loadSettings } from '../config/settings.ts';
import type { AccountBook } from '../credentials/account-book.ts';
import type { CommandContext } from './context.ts';
import { openSecretKeeper } from './open-secret-keeper.ts';

/**
 * The account book of this home, for when no instance runs and this process writes itself. Opens neither keychain nor
 * vault before a secret is stored or removed.
 */
export const openAccountBook = async (context: CommandContext): Promise<AccountBook> => {
  const { env, clock } = context;
  const paths = resolvePaths(env);
  const [{ openDocument }, { createAccountBook }, keeper] = await Promise.all([
    import('../config/document.ts'),
    import('../credentials/account-book.ts'),
    openSecretKeeper(context),
  ]);
  return createAccountBook({
    document: openDocument(paths),
    keeper,
    clock,
    readAccounts: () => loadSettings({ paths, env, flags: {} }).accounts,
  });
};
