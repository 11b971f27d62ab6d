import { resolvePaths } from '../config/paths.ts';
import type { Config } from '../config/schema.ts';
import { loadSettings } from '../config/settings.ts';
import type { SecretKeeper } from '../credentials/secret-keeper.ts';
import { sanitize } from '../shared/sanitize.ts';
import type { CommandContext } from './context.ts';
import { passphraseSource } from './passphrase-source.ts';
import { recordAudit } from './record-audit.ts';

/** Somebody at a terminal can answer what the keychain asks in a window of its own. */
const askedPerson = (stderr: NodeJS.WriteStream) => ({
  waitMs: 120_000,
  onWaiting: () =>
    void stderr.write('ccr-tui: waiting for the keychain: answer its dialog, or press ctrl+c\n'),
});

/** Where this home keeps its secrets. Opens neither keychain nor vault before it is asked; a vault it makes is on record. */
export const openSecretKeeper = async (
  context: CommandContext,
  /** Left out = what the settings say. */
  preference?: Config['credentialStore'],
): Promise<SecretKeeper> => {
  const { env, stdin, stderr } = context;
  const paths = resolvePaths(env);
  const { createSecretKeeper } = await import('../credentials/secret-keeper.ts');
  return createSecretKeeper({
    paths,
    preference: preference ?? loadSettings({ paths, env, flags: {} }).config.credentialStore,
    passphrase: passphraseSource(context),
    ...(stdin.isTTY && { keychain: { person: askedPerson(stderr) } }),
    onVaultCreated: () => recordAudit(context, { event: 'vault.created', path: paths.vault }),
    onWarning: (text) => void stderr.write(`ccr-tui: note: ${sanitize(text, 1000)}\n`),
  });
};
