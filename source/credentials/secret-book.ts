import type { Config } from '../config/schema.ts';
import type { NamedSecret } from '../shared/commands.ts';
import { CcrError, errorShape } from '../shared/errors.ts';
import type { Secret } from '../shared/secret.ts';
import type { AccountRecord, SecretStoreName } from '../shared/types.ts';
import { checkSecret } from './account-input.ts';
import { decidedStore } from './decided-store.ts';
import type { NamedSecrets, StoredAt } from './secret-keeper.ts';
import { checkSecretName, referenceIn, unknownSecret } from './secret-name.ts';

export type SecretBook = {
  /** Keeps a secret under a name, in place of an earlier one. `usage`, `bad_secret`, or what the store says. */
  set(name: string, secret: Secret): Promise<StoredAt & { name: string }>;
  /** By name. Empty for none. */
  list(): Promise<NamedSecret[]>;
  /** Forgets it wherever it is. `unknown_secret` when it is nowhere. */
  delete(name: string): Promise<{ name: string }>;
  /** The secret and where it is. `unknown_secret`. */
  get(name: string): Promise<{ name: string; secret: Secret; store: SecretStoreName }>;
};

export type SecretBookOptions = {
  named: Omit<NamedSecrets, 'get'> & Partial<Pick<NamedSecrets, 'get'>>;
  accounts(): readonly Pick<AccountRecord, 'store'>[];
  preference: Config['credentialStore'];
};

/** The value of a named secret. Throws `bad_secret`. */
const checkValue = (secret: Secret): Secret => {
  const checked = checkSecret('compatible', secret, false);
  if (referenceIn(checked.reveal()) === null) return checked;
  throw new CcrError('bad_secret', 'this is the name of a secret, not a secret', {
    hint: 'give the secret itself as one line on stdin',
  });
};

/** Secrets by name, wherever they are: in the stores that accounts use and in the one that is preferred. */
export const createSecretBook = ({ named, accounts, preference }: SecretBookOptions): SecretBook => {
  /** Nothing says yet which store is used; one that does not answer has nothing. */
  const possible = (): SecretStoreName[] => (preference === 'auto' ? ['keychain', 'vault'] : [preference]);
  const inUse = (): Set<SecretStoreName> => new Set(accounts().map(({ store }) => store));

  /** Asks each store there may be. One that accounts use has to answer. */
  const askAll = async <T>(ask: (store: SecretStoreName) => Promise<T>): Promise<Map<SecretStoreName, T>> => {
    const used = inUse();
    // As when one is kept: what lies in memory alone, or with Claude Code, decides nothing for the next secret.
    const isDecided = preference === 'auto' && decidedStore(accounts()) !== null;
    const answers = new Map<SecretStoreName, T>();
    for (const store of isDecided ? used : new Set([...used, ...possible()])) {
      try {
        answers.set(store, await ask(store));
      } catch (error) {
        const silent = error instanceof CcrError && error.code === 'store_unavailable';
        if (!silent || used.has(store) || preference !== 'auto') throw error;
      }
    }
    return answers;
  };

  return {
    async set(given, secret) {
      const name = checkSecretName(given);
      const stored = await named.set(name, checkValue(secret), decidedStore(accounts()));
      // A copy that stayed elsewhere would come back when this one is deleted.
      const left = await askAll(async (store) => store !== stored.store && named.delete(name, store)).then(
        () => null,
        (error: unknown) => `an earlier ${name} may be left elsewhere: ${errorShape(error).message}`,
      );
      const notices = [stored.notice, left].filter((part) => part !== null);
      return { name, ...stored, notice: notices.length === 0 ? null : notices.join('; ') };
    },

    async list() {
      const found = await askAll((store) => named.list(store));
      const secrets = [...found].flatMap(([store, names]) => names.map((name) => ({ name, store })));
      return secrets.sort((a, b) => Number(a.name > b.name) - Number(a.name < b.name));
    },

    async delete(given) {
      const name = checkSecretName(given);
      const deleted = await askAll((store) => named.delete(name, store));
      if (![...deleted.values()].includes(true)) throw unknownSecret(name);
      return { name };
    },

    async get(given) {
      const name = checkSecretName(given);
      const found = await askAll(async (store) => (await named.get?.(name, store)) ?? null);
      for (const [store, secret] of found) if (secret !== null) return { name, secret, store };
      throw unknownSecret(name);
    },
  };
};
