import { randomBytes } from 'node:crypto';
import type { Config } from '../config/schema.ts';
import { CcrError, errorShape } from '../shared/errors.ts';
import { Secret } from '../shared/secret.ts';
import type { SecretStoreName } from '../shared/types.ts';
import type { SecretKeeper } from './secret-keeper.ts';

// What is captured of requests is encrypted with a key of its own, which lies where the accounts' secrets do.

const keyBytes = 32;

/** Stores that still have it when the next process asks. */
const lasting: readonly SecretStoreName[] = ['keychain', 'vault'];

const inMemory = (): CcrError =>
  new CcrError(
    'store_unavailable',
    'secrets are kept in memory only, and nobody could read a capture later',
    {
      hint: 'set credentialStore to keychain or vault',
    },
  );

const decoded = (secret: Secret | null): Buffer | null => {
  const bytes = secret === null ? null : Buffer.from(secret.reveal(), 'base64');
  return bytes?.length === keyBytes ? bytes : null;
};

export type CaptureKeysOptions = {
  keeper: Pick<SecretKeeper, 'captureKey'>;
  preference: Config['credentialStore'];
};

export type CaptureKeys = {
  /**
   * The key that captures are encrypted with: the one that is there, else a new one that is kept first. `decided`: the
   * store that the accounts' secrets are in. `notice` must be shown. Rejects with what its store says. One after the other: of
   * two that find none, the second one would put another in the place of a key that is in use.
   */
  loadOrMake(decided: SecretStoreName | null): Promise<{ key: Buffer; notice: string | null }>;
  /**
   * The key that is meant, in whatever store: after a move or a loss there may be several. null = no store has it;
   * `problems` says which of them did not answer, and why. Never rejects.
   */
  find(isMeant: (key: Buffer) => boolean): Promise<{ key: Buffer | null; problems: string[] }>;
};

/** Asks the stores, each time. */
export const createCaptureKeys = ({ keeper, preference }: CaptureKeysOptions): CaptureKeys => {
  const { captureKey } = keeper;
  const load = async (store: SecretStoreName): Promise<Buffer | null> => decoded(await captureKey.get(store));

  const loadOrMake = async (decided: SecretStoreName | null): ReturnType<CaptureKeys['loadOrMake']> => {
    const first = preference === 'auto' ? decided : preference;
    if (first === 'memory') throw inMemory();
    const known = first === null ? null : await load(first);
    if (known !== null) return { key: known, notice: null };
    // A store that was chosen is the only one that is asked.
    for (const store of preference === 'auto' ? lasting : []) {
      const there = store === first ? null : await load(store).catch(() => null);
      if (there !== null) return { key: there, notice: null };
    }
    const key = randomBytes(keyBytes);
    const { notice } = await captureKey.put(new Secret(key.toString('base64')), decided);
    return { key, notice };
  };
  let busy: Promise<unknown> = Promise.resolve();

  return {
    loadOrMake(decided) {
      const found = busy.then(() => loadOrMake(decided));
      busy = found.catch(() => {});
      return found;
    },
    async find(isMeant) {
      const problems: string[] = [];
      for (const store of lasting.toSorted((a, b) => Number(b === preference) - Number(a === preference))) {
        try {
          const key = await load(store);
          if (key !== null && isMeant(key)) return { key, problems };
        } catch (error) {
          problems.push(errorShape(error).message);
        }
      }
      return { key: null, problems };
    },
  };
};
