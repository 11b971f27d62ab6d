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
const all = globSync('test/**/*.test.{ts,tsx}', { cwd: root });
const wanted = process.env['CCR_TEST_LONG'] === '1' ? all.filter(isLong) : all;

/**
 * Tests of functions, in one process file after file: to load Ink and fast-check anew for each took half of their time.
 * All others start programs or threads, or change what a process has of its own, and get a process for each file.
 */
const together = /^test\/(?:balancer|clients|config|shared|store|ui)\//;

const project = (name: string, isolate: boolean) => ({
  extends: true as const,
  test: { name, isolate, include: wanted.filter((file) => together.test(file) !== isolate) },
});

export default defineConfig({
  // The same JSX as the compiler makes: React's production build, which the tests run with, has no other.
  oxc: { jsx: { runtime: 'automatic', development: false } },
  test: {
    root,
    projects: [project('together', false), project('apart', true)],
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
