import { join } from 'node:path';
import { createFileLock } from '../config/file-lock.ts';
import { ensureFolder, type Paths } from '../config/paths.ts';
import { CcrError } from '../shared/errors.ts';
import type { AccountRecord } from '../shared/types.ts';
import { bindSecret, secretFor } from './bound-secret.ts';
import { isSameToken } from './fingerprint.ts';
import { loginFromText, loginText, type Login } from './login.ts';
import type { LoginStore } from './login-store.ts';
import type { SecretKeeper } from './secret-keeper.ts';

/** Longer than the thread of a busy machine may keep its lock without a sign of life. */
const standardStaleMs = 5000;

export type OwnLoginStoreOptions = {
  record: Pick<AccountRecord, 'id' | 'store' | 'baseUrl'>;
  keeper: Pick<SecretKeeper, 'get' | 'renew'>;
  paths: Pick<Paths, 'journal'>;
  /** After how long without a sign of life the lock of another process is taken over. */
  staleMs?: number;
};

/** The tokens of a login that lie in our own secret store, where the account's record says. */
export const createOwnLoginStore = (options: OwnLoginStoreOptions): LoginStore => {
  const { record, keeper, paths, staleMs = standardStaleMs } = options;
  const { id, store, baseUrl } = record;
  const lock = createFileLock(join(paths.journal, `${id}.lock`), { staleMs });
  const read = async (): Promise<Login | null> => {
    const entry = await keeper.get(id, store);
    if (entry === null) return null;
    const found = secretFor(entry, baseUrl);
    if (!found.ok) {
      throw new CcrError('failed', `its login was given for ${found.boundTo}, not for its base URL of now`, {
        hint: 'put the base URL back, or remove the account and add it again',
      });
    }
    return loginFromText(found.secret.reveal());
  };
  return {
    read,
    async write(login) {
      await keeper.renew(id, bindSecret(loginText(login), baseUrl), store);
      const kept = await read();
      const isKept =
        isSameToken(kept?.accessToken ?? null, login.accessToken) &&
        isSameToken(kept?.refreshToken ?? null, login.refreshToken);
      if (!isKept) throw new CcrError('store_unavailable', `the ${store} did not keep the renewed login`);
    },
    async exclusively(work) {
      ensureFolder(paths.journal);
      return lock.run(work);
    },
  };
};
