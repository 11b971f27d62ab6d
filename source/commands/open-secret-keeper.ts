import { resolvePaths } from '../config/paths.ts';
import { loadSettings } from '../config/settings.ts';
import type { SecretKeeper } from '../credentials/secret-keeper.ts';
import type { CommandContext } from './context.ts';
import { recordAudit } from './record-audit.ts';

/** Where this home keeps its secrets. Opens neither keychain nor vault before it is asked; a vault it makes is on record. */
export const openSecretKeeper = async (context: CommandContext): Promise<SecretKeeper> => {
  const { env } = context;
  const paths = resolvePaths(env);
  const { config } = loadSettings({ paths, env, flags: {} });
  const { createSecretKeeper } = await import('../credentials/secret-keeper.ts');
  return createSecretKeeper({
    paths,
    preference: config.credentialStore,
    onVaultCreated: () => recordAudit(context, { event: 'vault.created', path: paths.vault }),
  });
};
