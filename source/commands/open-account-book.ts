import { resolvePaths } from '../config/paths.ts';
import { loadSettings } from '../config/settings.ts';
import type { AccountBook } from '../credentials/account-book.ts';
import type { SecretKeeper } from '../credentials/secret-keeper.ts';
import type { CommandContext } from './context.ts';
import { openSecretKeeper } from './open-secret-keeper.ts';

/**
 * The account book of this home, for when no instance runs and this process writes itself. Opens neither keychain nor
 * vault before a secret is stored or removed.
 */
export const openAccountBook = async (
  context: CommandContext,
  /** One that is open already: a person is asked for a passphrase once. */
  given?: SecretKeeper,
): Promise<AccountBook> => {
  const { env, clock } = context;
  const paths = resolvePaths(env);
  const [{ openDocument }, { createAccountBook }, { removeEverywhere }, { replaceLogin }, keeper] =
    await Promise.all([
      import('../config/document.ts'),
      import('../credentials/account-book.ts'),
      import('../credentials/emergency.ts'),
      import('../credentials/replace-login.ts'),
      given ?? openSecretKeeper(context),
    ]);
  return createAccountBook({
    document: openDocument(paths),
    keeper: { ...keeper, remove: removeEverywhere(keeper, paths) },
    replaceLogin: (record, login) => replaceLogin({ record, keeper, paths }, login),
    clock,
    readAccounts: () => loadSettings({ paths, env, flags: {} }).accounts,
  });
};
