import { secretFor } from '../credentials/bound-secret.ts';
import type { SecretKeeper } from '../credentials/secret-keeper.ts';
import type { TokenStatus } from '../credentials/token-state.ts';
import type { AccountRecord } from '../shared/types.ts';
import { missingSecret, movedAway } from './secret-words.ts';

const without = (reason: string): TokenStatus => ({
  token: null,
  expiresAt: null,
  problem: { state: 'error', reason, until: null },
});

/** The secret of an account that is sent as it is stored, or why there is none that may be sent. Never rejects. */
export const loadSecret = async (
  keeper: Pick<SecretKeeper, 'get'>,
  { id, store, baseUrl }: AccountRecord,
): Promise<TokenStatus> => {
  try {
    const entry = await keeper.get(id, store);
    if (entry === null) return without(missingSecret(store));
    const found = secretFor(entry, baseUrl);
    if (!found.ok) return without(movedAway(found.boundTo, baseUrl));
    return { token: found.secret, expiresAt: null, problem: null };
  } catch (error) {
    return without(error instanceof Error ? error.message : 'its secret store does not answer');
  }
};
