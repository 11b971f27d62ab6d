import { resolvePaths } from '../config/paths.ts';
import { loadSettings } from '../config/settings.ts';
import type { AccountBook } from '../credentials/account-book.ts';
import type { CommandContext } from './context.ts';
import { recordAudit } from './record-audit.ts';

/**
 * The account book of this home, for when no instance runs and this process writes itself. Opens neither keychain nor
 * vault before a secret is stored or removed.
 */
export const openAccountBook = async (context: CommandContext): Promise<AccountBook> => {
  const { env, clock } = context;
  const paths = resolvePaths(env);
  const { config } = loadSettings({ paths, env, flags: {} });
  const [{ openDocument }, { createSecretKeeper }, { createAccountBook }] = await Promise.all([
    import('../config/document.ts'),
    import('../credentials/secret-keeper.ts'),
    import('../credentials/account-book.ts'),
  ]);
  return createAccountBook({
    document: openDocument(paths),
    keeper: createSecretKeeper({
      paths,
      preference: config.credentialStore,
      onVaultCreated: () => recordAudit(context, { event: 'vault.created', path: paths.vault }),
    }),
    clock,
    readAccounts: () => loadSettings({ paths, env, flags: {} }).accounts,
  });
};
