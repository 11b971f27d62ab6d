import { newClientKey } from '../credentials/key-pepper.ts';
import { unlimited } from '../shared/client-key.ts';
import { CcrError } from '../shared/errors.ts';
import type { Secret } from '../shared/secret.ts';
import type { CommandContext } from './context.ts';
import { openKeyRing } from './key-ring.ts';

/** Makes and takes back the keys that stand in the settings of other programs. */
export type ClientKeys = { mint(name: string): Promise<Secret>; revoke(name: string): Promise<void> };

/** The keys of this home. */
export const openClientKeys = (context: CommandContext): ClientKeys => {
  const ring = openKeyRing(context);
  return {
    mint: async (name) => {
      const key = newClientKey();
      // Where the secret behind its hash lies is of no interest here: the key itself will stand in the settings, in clear.
      await ring.create({ name, kind: 'connect', limits: unlimited }, key);
      return key;
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
