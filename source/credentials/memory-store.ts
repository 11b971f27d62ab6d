import type { Secret } from '../shared/secret.ts';
import { assertKey, type SecretStore } from './secret-store.ts';

/** Secrets that end with the process; for tests, and for people who want nothing kept. */
export const createMemoryStore = (): SecretStore => {
  const secrets = new Map<string, Secret>();
  return {
    name: 'memory',
    get: async (key) => {
      assertKey(key);
      return secrets.get(key) ?? null;
    },
    set: async (key, secret) => {
      assertKey(key);
      secrets.set(key, secret);
    },
    delete: async (key) => secrets.delete(key),
    list: async (prefix) => [...secrets.keys()].filter((key) => key.startsWith(prefix)).toSorted(),
  };
};
