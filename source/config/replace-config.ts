import { randomBytes } from 'node:crypto';
import { lstatSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { ClientKeyRecord } from '../shared/client-key.ts';
import type { Environment } from '../shared/environment.ts';
import { CcrError } from '../shared/errors.ts';
import { isRecord } from '../shared/is-record.ts';
import { systemCode } from '../shared/system-code.ts';
import type { AccountRecord } from '../shared/types.ts';
import { accountJson } from './account-record.ts';
import { clientKeyJson } from './client-key-record.ts';
import { writeDurably } from './durable-file.ts';
import { createFileLock } from './file-lock.ts';
import type { Paths } from './paths.ts';
import { readRegularFile } from './regular-file.ts';
import { loadSettings, type Settings } from './settings.ts';

/** The text of config.json as it is; `{}` where there is none. */
export const configText = ({ config }: Pick<Paths, 'config'>): string => {
  const found = readRegularFile(config, { maxBytes: 1024 * 1024, follow: true });
  return found.kind === 'file' ? found.bytes.toString('utf8') : '{}';
};

/** The settings that such a text would give as config.json; nothing is replaced. Throws as `loadSettings`. */
export const settingsFromText = (
  { config }: Pick<Paths, 'config'>,
  text: string,
  env: Environment,
): Settings => {
  // The name is one of those that the next writer removes, should we be killed.
  const candidate = `${config}.tmp-${randomBytes(8).toString('hex')}`;
  try {
    writeFileSync(candidate, text, { mode: 0o600, flag: 'wx' });
    return loadSettings({ paths: { config: candidate }, env, flags: {} });
  } catch (error) {
    if (!(error instanceof CcrError)) throw error;
    // The file that people know is named, not this one.
    const problems = error.problems.map((each) => each.replace(basename(candidate), basename(config)));
    throw new CcrError(error.code, error.message, { problems });
  } finally {
    rmSync(candidate, { force: true });
  }
};

/**
 * Puts another config.json in the place of this one, in one step, and keeps the old one as `config.json.before-restore`. The
 * settings come from `text`, which was checked. Rejects with `locked` or `failed`; nothing is changed then.
 */
export const replaceConfig = async (
  paths: Pick<Paths, 'config' | 'configLock'>,
  text: string,
  { accounts, clientKeys }: { accounts: readonly AccountRecord[]; clientKeys: readonly ClientKeyRecord[] },
): Promise<void> => {
  const parsed: unknown = JSON.parse(text);
  const settings = isRecord(parsed) ? parsed : {};
  const next = {
    ...settings,
    accounts: accounts.map(accountJson),
    ...(clientKeys.length > 0 || Object.hasOwn(settings, 'clientKeys')
      ? { clientKeys: clientKeys.map(clientKeyJson) }
      : {}),
  };
  const { config } = paths;
  await createFileLock(paths.configLock).run(() => {
    try {
      if (lstatSync(config, { throwIfNoEntry: false })?.isSymbolicLink() === true) {
        throw new CcrError('failed', `${config} is a symbolic link and is only read`, {
          hint: `put the file itself there (in ${dirname(config)})`,
        });
      }
      const before = readRegularFile(config, { maxBytes: 64 * 1024 * 1024, follow: false });
      if (before.kind === 'file') writeDurably(`${config}.before-restore`, before.bytes);
      writeDurably(config, Buffer.from(`${JSON.stringify(next, null, 2)}\n`));
    } catch (error) {
      if (error instanceof CcrError) throw error;
      throw new CcrError('failed', `cannot write ${config} (${systemCode(error)})`, { cause: error });
    }
  });
};
