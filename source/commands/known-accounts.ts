import type { KnownAccount } from '../credentials/importers/plan-import.ts';
import { claudeCodeDocument, loginInCredentials } from '../credentials/claude-code-store.ts';
import { secretFor } from '../credentials/bound-secret.ts';
import { linkedFolder } from '../credentials/linked-folder.ts';
import { loginText } from '../credentials/login.ts';
import type { SecretKeeper } from '../credentials/secret-keeper.ts';
import type { Secret } from '../shared/secret.ts';
import type { AccountRecord } from '../shared/types.ts';

const linkedSecret = async (folder: string): Promise<Secret | null> => {
  const text = await claudeCodeDocument(folder).read();
  const login = text === null ? null : loginInCredentials(text);
  return login && loginText(login);
};

/** What is kept of an account, without the origin it is bound to; null when its store does not give it now. */
export const keptSecret = async (
  record: Pick<AccountRecord, 'id' | 'store' | 'baseUrl' | 'login'>,
  keeper: Pick<SecretKeeper, 'get'>,
): Promise<Secret | null> => {
  const folder = linkedFolder(record);
  try {
    if (folder !== null) return await linkedSecret(folder);
    const entry = await keeper.get(record.id, record.store);
    const found = entry === null ? null : secretFor(entry, record.baseUrl);
    return found?.ok === true ? found.secret : null;
  } catch {
    // A store that does not answer makes no account unknown: it is still found by where it came from.
    return null;
  }
};

/** The accounts of this home with their secrets, one store asked after the other. */
export const knownAccounts = async (
  records: readonly AccountRecord[],
  keeper: Pick<SecretKeeper, 'get'>,
): Promise<KnownAccount[]> => {
  const known: KnownAccount[] = [];
  for (const record of records) known.push({ record, secret: await keptSecret(record, keeper) });
  return known;
};
