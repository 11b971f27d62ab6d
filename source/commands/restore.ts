import { existsSync, renameSync } from 'node:fs';
import { resolve } from 'node:path';
import { resolvePaths, type Paths } from '../config/paths.ts';
import { replaceConfig, settingsFromText } from '../config/replace-config.ts';
import { loadSettings, type Settings } from '../config/settings.ts';
import type { Backup } from '../credentials/backup.ts';
import { readPassphraseFile } from '../credentials/passphrase-file.ts';
import type { SecretKeeper } from '../credentials/secret-keeper.ts';
import { asCcrError, CcrError } from '../shared/errors.ts';
import { plural } from '../shared/plural.ts';
import { sanitize } from '../shared/sanitize.ts';
import { aloneInHome } from './alone-in-home.ts';
import type { CommandContext } from './context.ts';
import { openSecretKeeper } from './open-secret-keeper.ts';
import { backupPassphrase } from './passphrase-source.ts';
import { printLines } from './print.ts';
import { recordAudit } from './record-audit.ts';

/** Throws unless the home is empty, or may be replaced. */
const refuseUsedHome = ({ config, vault }: Paths, force: boolean): void => {
  const found = [config, vault].find((path) => existsSync(path));
  if (found === undefined || force) return;
  throw new CcrError('failed', `this home is in use (${found} is there)`, {
    hint: 'add --force to replace its settings and accounts by those of the backup',
  });
};

const unusable: ReadonlySet<string> = new Set(['vault_damaged', 'vault_locked', 'wrong_passphrase']);

/** Puts a vault aside that nobody can open any more; a sentence about it, else null. */
const putAside = async ({ vault, vaultKey }: Paths, keeper: SecretKeeper): Promise<string | null> => {
  try {
    await keeper.named.list('vault');
    return null;
  } catch (error) {
    if (!(error instanceof CcrError) || !unusable.has(error.code)) throw error;
    const suffix = `.before-restore-${Date.now()}`;
    for (const path of [vault, `${vault}.bak`, `${vault}.seen`, vaultKey]) {
      if (existsSync(path)) renameSync(path, `${path}${suffix}`);
    }
    return `the vault could not be opened (${error.message}) and is now ${vault}${suffix}`;
  }
};

/** The accounts of before; none where the settings cannot be read. */
const before = (paths: Paths, env: CommandContext['env']): Settings['accounts'] => {
  try {
    return loadSettings({ paths, env, flags: {} }).accounts;
  } catch {
    return [];
  }
};

/** What the backup says, as settings of this home. */
const checked = (path: string, paths: Paths, { config }: Backup, env: CommandContext['env']): Settings => {
  try {
    return settingsFromText(paths, config, env);
  } catch (error) {
    const reason = asCcrError(error).lines.join('; ');
    throw new CcrError('backup_damaged', `the settings in the backup ${path} cannot be used: ${reason}`);
  }
};

type Restoring = { path: string; paths: Paths; backup: Backup; settings: Settings };

const putBack = async (
  context: CommandContext,
  { path, paths, backup, settings }: Restoring,
): Promise<string[]> => {
  const { restoreSecrets } = await import('../credentials/restore-backup.ts');
  const { accounts, clientKeys, config } = settings;
  const keeper = await openSecretKeeper(context, config.credentialStore);
  const aside = await putAside(paths, keeper);
  const old = before(paths, context.env);
  const { secrets } = backup;
  const restored = await restoreSecrets({ accounts, clientKeys, secrets, keeper });
  await replaceConfig(paths, backup.config, restored);
  await recordAudit(context, { event: 'backup.restored', path, secrets: secrets.length });
  // What nothing leads to any more; a store that does not answer keeps it.
  for (const { id, store } of old) {
    if (restored.accounts.some((account) => account.id === id && account.store === store)) continue;
    await keeper.remove(id, store).catch(() => {});
  }
  return aside === null ? restored.notices : [aside, ...restored.notices];
};

/** `restore FILE`: settings, records and secrets of a backup, in a home that is empty or may be replaced. */
export const run = async (context: CommandContext): Promise<number> => {
  const { env, positionals, options, stdout, stderr } = context;
  const path = resolve(positionals[0] ?? '');
  const paths = resolvePaths(env);
  refuseUsedHome(paths, options['force'] === true);
  const file = options['passphrase-file'];
  const { openBackup } = await import('../credentials/backup.ts');
  const backup = await openBackup(
    path,
    typeof file === 'string'
      ? { atHand: () => readPassphraseFile({ path: file, fromSystemd: false }) }
      : await backupPassphrase(context),
  );
  const notices = await aloneInHome(context, async () => {
    const settings = checked(path, paths, backup, env);
    return putBack(context, { path, paths, backup, settings });
  });
  const { accounts } = loadSettings({ paths, env, flags: {} });
  await printLines(
    stderr,
    notices.map((notice) => `ccr-tui: note: ${sanitize(notice, 600)}`),
  );
  await printLines(stdout, [`restored ${plural(accounts.length, 'account')} from ${path}`]);
  return 0;
};
