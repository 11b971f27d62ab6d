import { resolvePaths } from '../config/paths.ts';
import { loadSettings } from '../config/settings.ts';
import type { Pepper } from '../credentials/key-pepper.ts';
import type { CommandContext } from './context.ts';
import { recordAudit } from './record-audit.ts';

/** What this home hashes keys with. Opens neither keychain nor vault before it is asked. */
export const openPepper = async (context: CommandContext): Promise<Pepper> => {
  const paths = resolvePaths(context.env);
  const { config } = loadSettings({ paths, env: context.env, flags: {} });
  const [{ createSecretKeeper }, { createPepper }] = await Promise.all([
    import('../credentials/secret-keeper.ts'),
    import('../credentials/key-pepper.ts'),
  ]);
  const keeper = createSecretKeeper({
    paths,
    preference: config.credentialStore,
    onVaultCreated: () => recordAudit(context, { event: 'vault.created', path: paths.vault }),
  });
  return createPepper(keeper.pepper);
};
