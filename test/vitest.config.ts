import { defineConfig } from 'vitest/config';

// Left out only where with-keyring.sh found nothing to run them with, and said so.
const needsKeyring = [
  'test/credentials/keychain.test.ts',
  'test/credentials/secret-keeper.test.ts',
  'test/e2e/keychain.test.ts',
];

export default defineConfig({
  // The same JSX as the compiler makes: React's production build, which the tests run with, has no other.
  oxc: { jsx: { runtime: 'automatic', development: false } },
  test: {
    root: new URL('..', import.meta.url).pathname,
    include: ['test/**/*.test.{ts,tsx}'],
    exclude: ['test/toolchain/**', ...(process.env['CCR_TEST_KEYRING'] === 'absent' ? needsKeyring : [])],
    globalSetup: ['test/kit/build-once.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 20_000,
    hookTimeout: 30_000,
    env: { NODE_ENV: 'production', CI: 'false', NO_COLOR: '' },
  },
});
