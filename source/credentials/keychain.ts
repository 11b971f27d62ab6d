import { CcrError } from '../shared/errors.ts';
import { sanitize } from '../shared/sanitize.ts';
import { Secret } from '../shared/secret.ts';
import { assertKey, type SecretStore } from './secret-store.ts';

/** The three calls we make of keytar. */
export type Keytar = {
  getPassword(service: string, account: string): Promise<string | null>;
  setPassword(service: string, account: string, password: string): Promise<void>;
  deletePassword(service: string, account: string): Promise<boolean>;
};

export type KeychainOptions = {
  service?: string;
  /** How long one call may take when no person is there to answer a dialog. */
  timeoutMs?: number;
  /** Loads the native module; rejects where the system has no keychain library. */
  load?: () => Promise<Keytar>;
};

/** Windows keeps at most 2560 bytes in one credential (CRED_MAX_CREDENTIAL_BLOB_SIZE); the same limit everywhere. */
const maxBytes = 2400;

const hint =
  'unlock or install a keychain, or keep new secrets in the vault: ccr-tui config set credentialStore vault';

const unavailable = (what: string, cause?: unknown): CcrError =>
  new CcrError('store_unavailable', what, { hint, cause });

const loadKeytar = async (): Promise<Keytar> => {
  const module: unknown = await import('keytar');
  // CommonJS: the functions are on `default` where Node cannot see them as named exports.
  const { default: inner } = module as { default?: Keytar };
  return inner ?? (module as Keytar);
};

/** keytar has no error codes; its texts come from libsecret, macOS or Windows and name no secret. */
const callFailed = (error: unknown): CcrError => {
  const text = error instanceof Error ? error.message : String(error);
  if (/locked|unlock|dismissed/i.test(text)) return unavailable('the keychain is locked', error);
  return unavailable(`the keychain does not work (${sanitize(text, 120)})`, error);
};

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

type Door = <T>(call: (keytar: Keytar) => Promise<T>, onLate?: (keytar: Keytar) => void) => Promise<T>;

/**
 * Lets one call at a time through. A call that hangs (a Secret Service that waits for a dialog) opens the breaker:
 * until it ends, every further call fails at once, so that at most one thread of libuv's pool is ever held.
 */
const createDoor = (load: () => Promise<Keytar>, timeoutMs: number): Door => {
  let tail: Promise<unknown> = Promise.resolve();
  let hanging = false;
  const silent = (): CcrError => unavailable(`the keychain did not answer within ${timeoutMs / 1000} s`);

  return (call, onLate) => {
    const attempt = async () => {
      if (hanging) throw silent();
      let keytar: Keytar;
      try {
        keytar = await load();
      } catch (error) {
        throw unavailable('this system has no keychain that can be used', error);
      }
      const pending = call(keytar);
      let timer: NodeJS.Timeout | undefined;
      const timeout = new Promise<never>((_, reject) => {
        timer = setTimeout(() => {
          hanging = true;
          reject(silent());
          const over = (): void => {
            hanging = false;
          };
          pending.then(() => onLate?.(keytar)).then(over, over);
        }, timeoutMs);
      });
      try {
        return await Promise.race([
          timeout,
          pending.catch((error: unknown) => Promise.reject(callFailed(error))),
        ]);
      } finally {
        clearTimeout(timer);
      }
    };
    const turn = tail.then(attempt);
    tail = turn.catch(() => {});
    return turn;
  };
};

/** The keychain of the operating system: one JSON entry per key, under the service `ccr-tui`. */
export const createKeychain = (options: KeychainOptions = {}): SecretStore => {
  const { service = 'ccr-tui', timeoutMs = 3000, load = loadKeytar } = options;
  const through = createDoor(load, timeoutMs);
  return {
    name: 'keychain',
    get: async (key) => {
      assertKey(key);
      const entry = await through((keytar) => keytar.getPassword(service, key));
      return entry === null ? null : fromEntry(entry);
    },
    set: async (key, secret) => {
      assertKey(key);
      const entry = toEntry(secret);
      // Whoever was told that nothing was stored must not leave a secret behind when the dialog is answered later.
      const undo = (keytar: Keytar): void => {
        keytar.deletePassword(service, key).catch(() => {});
      };
      await through((keytar) => keytar.setPassword(service, key, entry), undo);
      // Some keychains cut what they cannot keep: a secret counts as stored when it can be read.
      const kept = await through((keytar) => keytar.getPassword(service, key));
      if (kept !== entry) throw unavailable('the keychain did not keep the secret');
    },
    delete: async (key) => {
      assertKey(key);
      return through((keytar) => keytar.deletePassword(service, key));
    },
  };
};
