import { globSync, readFileSync } from 'node:fs';
import { defineConfig } from 'vitest/config';

// Left out only where with-keyring.sh found nothing to run them with, and said so.
const needsKeyring = [
  'test/credentials/keychain.test.ts',
  'test/credentials/secret-keeper.test.ts',
  'test/e2e/keychain.test.ts',
];

const root = new URL('..', import.meta.url).pathname;

const isLong = (file: string): boolean => readFileSync(root + file, 'utf8').includes("/kit/long-run.ts'");
const files =
  process.env['CCR_TEST_LONG'] === '1'
    ? globSync('test/**/*.test.{ts,tsx}', { cwd: root }).filter(isLong)
    : ['test/**/*.test.{ts,tsx}'];

export default defineConfig({
  // The same JSX as the compiler makes: React's production build, which the tests run with, has no other.
  oxc: { jsx: { runtime: 'automatic', development: false } },
  test: {
    root,
    include: files,
    exclude: ['test/toolchain/**', ...(process.env['CCR_TEST_KEYRING'] === 'absent' ? needsKeyring : [])],
    globalSetup: ['test/kit/build-once.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 20_000,
    hookTimeout: 30_000,
    env: {
      NODE_ENV: 'production',
      // For the programs that tests start: what they do in a terminal must not depend on where they are judged.
      CI: 'false',
      NO_COLOR: '',
      CCR_TEST_COMPLETE: process.env['CI'] === 'true' ? '1' : '',
    },
  },
});
