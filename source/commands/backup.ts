import { randomBytes } from 'node:crypto';
import { linkSync, lstatSync, renameSync, rmSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { syncFolder, writeDurably } from '../config/durable-file.ts';
import { resolvePaths } from '../config/paths.ts';
import { configText } from '../config/replace-config.ts';
import { loadSettings } from '../config/settings.ts';
import { CcrError } from '../shared/errors.ts';
import { plural } from '../shared/plural.ts';
import { sanitize } from '../shared/sanitize.ts';
import { systemCode } from '../shared/system-code.ts';
import type { CommandContext } from './context.ts';
import { openSecretKeeper } from './open-secret-keeper.ts';
import { newPassphrase } from './passphrase-source.ts';
import { printLines } from './print.ts';
import { recordAudit } from './record-audit.ts';

const isThere = (path: string): CcrError =>
  new CcrError('failed', `${path} is there already`, { hint: 'choose another name' });

const cannotWrite = (path: string, error: unknown): CcrError =>
  new CcrError('failed', `cannot write ${path} (${systemCode(error)})`, {
    hint: 'name another place',
    cause: error,
  });

/** Also by a link that leads nowhere. Throws `failed` for a name that nothing can have. */
const isTaken = (path: string): boolean => {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch (error) {
    throw cannotWrite(path, error);
  }
};

/** Gives the file its name unless that is taken, whatever has it. Where there are no hard links, a look has to do. */
const nameOnce = (temporary: string, path: string): void => {
  try {
    linkSync(temporary, path);
    rmSync(temporary);
  } catch (error) {
    if (systemCode(error) === 'EEXIST' || isTaken(path)) throw isThere(path);
    renameSync(temporary, path);
  }
};

/** Puts a whole new file there, for its owner alone; never over another one, nor through a link. */
const writeNew = (path: string, bytes: Uint8Array): void => {
  const temporary = `${path}.tmp-${randomBytes(8).toString('hex')}`;
  try {
    writeDurably(temporary, bytes);
    nameOnce(temporary, path);
    syncFolder(dirname(path));
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error instanceof CcrError ? error : cannotWrite(path, error);
  }
};

/** `backup FILE`: everything that cannot be had again, in one file that its own passphrase opens. */
export const run = async (context: CommandContext): Promise<number> => {
  const { env, positionals, options, stdout, stderr } = context;
  const path = resolve(positionals[0] ?? '');
  const paths = resolvePaths(env);
  // Before anybody is asked for anything; it is looked at again when it is written.
  if (isTaken(path)) throw isThere(path);
  const { accounts, clientKeys } = loadSettings({ paths, env, flags: {} });
  const config = configText(paths);
  const [{ collectSecrets }, { sealBackup }, keeper] = await Promise.all([
    import('../credentials/collect-backup.ts'),
    import('../credentials/backup.ts'),
    openSecretKeeper(context),
  ]);
  const { secrets, missing } = await collectSecrets({ accounts, clientKeys, keeper });
  const file = options['passphrase-file'];
  const passphrase = await newPassphrase(context, {
    file: typeof file === 'string' ? file : null,
    what: 'of the backup',
  });
  if (passphrase === null) return 130;
  writeNew(path, await sealBackup({ config, secrets }, passphrase));
  await recordAudit(context, { event: 'backup.made', path, secrets: secrets.length });
  await printLines(stdout, [
    `wrote ${path}: the settings, ${plural(accounts.length, 'account')} and ${plural(secrets.length, 'secret')}, encrypted`,
    'only its passphrase opens it; a login that is refreshed after today is not in it',
  ]);
  await printLines(
    stderr,
    missing.map((sentence) => `ccr-tui: note: left out: ${sanitize(sentence, 300)}`),
  );
  return 0;
};
