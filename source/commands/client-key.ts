import { resolvePaths } from '../config/paths.ts';
import { loadSettings } from '../config/settings.ts';
import { digestKey, newClientKey } from '../credentials/key-pepper.ts';
import { unlimited, type ClientKeyRecord } from '../shared/client-key.ts';
import { CcrError } from '../shared/errors.ts';
import type { Secret } from '../shared/secret.ts';
import type { CommandContext } from './context.ts';
import { openKeyRing } from './key-ring.ts';
import { openPepper } from './open-pepper.ts';

/** The keys that stand in the settings of other programs. */
export type ClientKeys = {
  /** A key that opens nothing yet. */
  makeKey(): Secret;
  /** From now on that key opens the proxy, and an earlier one of that name does not. */
  keepKey(name: string, key: Secret): Promise<void>;
  /**
   * False for a key that was revoked, or that another one has taken the place of, also when it is valid for a while still.
   * As long as the store cannot be asked, the key of that name is taken for this one.
   */
  isLive(name: string, key: Secret): Promise<boolean>;
  /** The key opens nothing any more; that there is none is fine. */
  revoke(name: string): Promise<void>;
};

const lockedCodes: ReadonlySet<string> = new Set(['store_unavailable', 'vault_locked', 'wrong_passphrase']);

/** Whether the key is the one of that record. */
const isKeyOf = async (
  context: CommandContext,
  { hash, store }: ClientKeyRecord,
  key: Secret,
): Promise<boolean> => {
  // What is in the memory of an instance cannot be seen from here.
  if (store === 'memory') return true;
  try {
    const pepper = await (await openPepper(context)).load(store);
    return pepper !== null && digestKey(pepper, key.reveal()).toString('base64') === hash;
  } catch (error) {
    // A store that is locked is no reason to give a program another key.
    if (error instanceof CcrError && lockedCodes.has(error.code)) return true;
    throw error;
  }
};

/** The keys of this home. */
export const openClientKeys = (context: CommandContext): ClientKeys => {
  const { env } = context;
  const ring = openKeyRing(context);
  return {
    makeKey: newClientKey,
    keepKey: async (name, key) => {
      // Where the secret behind its hash lies is of no interest here: the key itself will stand in the settings, in clear.
      await ring.create({ name, kind: 'connect', limits: unlimited }, key);
    },
    isLive: async (name, key) => {
      const { clientKeys } = loadSettings({ paths: resolvePaths(env), env, flags: {} });
      const record = clientKeys.find(
        (each) => each.kind === 'connect' && each.name === name && each.revokedAt === null,
      );
      return record !== undefined && isKeyOf(context, record, key);
    },
    revoke: async (name) => {
      try {
        await ring.revoke(name, 'connect');
      } catch (error) {
        // It may have been revoked by hand; then there is nothing left to do.
        if (!(error instanceof CcrError) || error.code !== 'unknown_key') throw error;
      }
    },
  };
};
