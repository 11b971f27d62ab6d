import { afterEach, beforeEach } from 'vitest';
import { startUpstream, type Upstream } from '../../source/demo/upstream.ts';
import { keyOf, unlimited } from '../e2e/world.ts';

/** The arguments of `account.add` for the account of `givenAccount`, but for its base URL. */
export const newAccount = {
  name: 'work',
  kind: 'api-key',
  priority: null,
  weight: null,
  force: false,
} as const;

/** The secret that its provider wants. */
export const accountSecret = (): Uint8Array => Buffer.from(keyOf(newAccount.name));

/** Starts a provider that knows one account for each test of the file it is called in; closed after the test. */
export const givenAccount = (begin: (upstream: Upstream) => void): void => {
  let upstream: Upstream | null = null;
  beforeEach(async () => {
    upstream = await startUpstream({
      accounts: [{ name: newAccount.name, key: keyOf(newAccount.name), limits: unlimited }],
    });
    begin(upstream);
  });
  afterEach(() => upstream?.close());
};
