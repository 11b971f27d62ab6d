import { CcrError } from '../shared/errors.ts';
import { Secret } from '../shared/secret.ts';
import { createKeychainCalls, keychainUnavailable, type KeychainCallsOptions } from './keychain-calls.ts';
import { assertKey, type SecretStore } from './secret-store.ts';

export type KeychainOptions = KeychainCallsOptions & { service?: string };

/** Windows keeps at most 2560 bytes in one credential (CRED_MAX_CREDENTIAL_BLOB_SIZE); the same limit everywhere. */
const maxBytes = 2400;

const toEntry = (secret: Secret): string => {
  const entry = JSON.stringify({ version: 1, secret: secret.reveal() });
  if (Buffer.byteLength(entry) < maxBytes) return entry;
  throw new CcrError('bad_secret', 'the secret is too long for a keychain', {
    hint: `at most ${maxBytes} bytes fit`,
  });
};

const fromEntry = (entry: string): Secret => {
  try {
    const parsed: unknown = JSON.parse(entry);
    if (typeof parsed === 'object' && parsed !== null && 'secret' in parsed) {
      if (typeof parsed.secret === 'string' && parsed.secret !== '') return new Secret(parsed.secret);
    }
  } catch {
    // Falls through: the text of a parse error would quote the entry.
  }
  throw new CcrError('store_unavailable', 'an entry in the keychain is not one of ours', {
    hint: 'remove the account and add it again',
  });
};

/** The keychain of the operating system: one JSON entry per key, under the service `ccr-tui`. */
export const createKeychain = (options: KeychainOptions = {}): SecretStore => {
  const { service = 'ccr-tui', ...rest } = options;
  const call = createKeychainCalls(rest);
  return {
    name: 'keychain',
    get: async (key) => {
      assertKey(key);
      const entry = await call({ call: 'get', service, account: key });
      return typeof entry === 'string' ? fromEntry(entry) : null;
    },
    set: async (key, secret) => {
      assertKey(key);
      const entry = toEntry(secret);
      await call({ call: 'set', service, account: key, password: entry });
      // Some keychains cut what they cannot keep: a secret counts as stored when it can be read.
      const kept = await call({ call: 'get', service, account: key });
      if (kept !== entry) throw keychainUnavailable('the keychain did not keep the secret');
    },
    delete: async (key) => {
      assertKey(key);
      return (await call({ call: 'delete', service, account: key })) === true;
    },
    list: async (prefix) => {
      const names = await call({ call: 'list', service });
      return Array.isArray(names) ? names.filter((name) => name.startsWith(prefix)).toSorted() : [];
    },
  };
};
