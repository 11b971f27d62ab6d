import { resolvePaths } from '../config/paths.ts';
import { loadSettings } from '../config/settings.ts';
import type { SecretBook } from '../credentials/secret-book.ts';
import type { CommandContext } from './context.ts';
import { openSecretKeeper } from './open-secret-keeper.ts';

/** The named secrets of this home, for when no instance runs and this process writes itself. */
export const openSecretBook = async (context: CommandContext): Promise<SecretBook> => {
  const { env } = context;
  const { accounts, config } = loadSettings({ paths: resolvePaths(env), env, flags: {} });
  const [{ createSecretBook }, { named }] = await Promise.all([
    import('../credentials/secret-book.ts'),
    openSecretKeeper(context),
  ]);
  return createSecretBook({ named, accounts: () => accounts, preference: config.credentialStore });
};
