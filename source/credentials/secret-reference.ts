import type { Environment } from '../shared/environment.ts';
import { CcrError } from '../shared/errors.ts';
import { Secret } from '../shared/secret.ts';
import type { AccountId, SecretStoreName } from '../shared/types.ts';
import { secretIn, withSecret } from './bound-secret.ts';
import { referenceIn } from './secret-name.ts';
import type { SecretKeeper } from './secret-keeper.ts';

export type ReferenceOptions = {
  keeper: Pick<SecretKeeper, 'get' | 'named'>;
  env: Environment;
  /** The stores that accounts use. */
  stores(): Iterable<SecretStoreName>;
  /** Told each sentence for a person once. */
  onWarning(text: string): void;
};

export type References = Pick<SecretKeeper, 'get'> & {
  /** The accounts whose secret was last found under that name. */
  usersOf(name: string): AccountId[];
};

/** Far more than there are accounts. */
const mostUsers = 2000;

/**
 * A keeper that puts the secret `NAME` in the place of an account's `$NAME`: the stored one, else the variable of the
 * environment. What is stored of the account stays bound to its origin. Rejects with `unknown_secret`, and as the keeper.
 */
export const createReferences = ({ keeper, env, stores, onWarning }: ReferenceOptions): References => {
  const users = new Map<AccountId, string>();
  const warned = new Set<string>();

  const stored = async (name: string, own: SecretStoreName): Promise<Secret | null> => {
    for (const store of new Set([own, ...stores()])) {
      const found = await keeper.named.get(name, store);
      if (found !== null) return found;
    }
    return null;
  };

  const warn = (text: string): void => {
    if (warned.has(text) || warned.size >= mostUsers) return;
    warned.add(text);
    onWarning(text);
  };

  const resolve = async (name: string, own: SecretStoreName): Promise<Secret> => {
    const kept = await stored(name, own);
    const given = env[name];
    const isGiven = given !== undefined && given !== '';
    const store = `store it: ccr-tui secret set ${name}`;
    if (kept !== null) {
      if (isGiven)
        warn(`the secret ${name} is stored, and ${name} is in the environment, too: the stored one is used`);
      return kept;
    }
    if (!isGiven) throw new CcrError('unknown_secret', `there is no secret ${name}; ${store}`);
    // Hardly anybody has them there, and all that is known of accounts comes with it.
    const { checkSecret } = await import('./account-input.ts');
    const secret = checkSecret('compatible', new Secret(given), false);
    warn(`the secret ${name} comes from the environment, which other programs may see; ${store}`);
    return secret;
  };

  return {
    async get(id, store) {
      const entry = await keeper.get(id, store);
      const name = entry === null ? null : referenceIn(secretIn(entry).reveal());
      if (entry === null || name === null) {
        users.delete(id);
        return entry;
      }
      if (users.size >= mostUsers) users.clear();
      users.set(id, name);
      return withSecret(entry, await resolve(name, store));
    },
    usersOf: (name) => [...users].filter(([, used]) => used === name).map(([id]) => id),
  };
};
