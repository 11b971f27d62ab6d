import { defineConfig } from 'vitest/config';

export default defineConfig({
  // The same JSX as the compiler makes: React's production build, which the tests run with, has no other.
  oxc: { jsx: { runtime: 'automatic', development: false } },
  test: {
    root: new URL('..', import.meta.url).pathname,
    include: ['test/**/*.test.{ts,tsx}'],
    exclude: ['test/toolchain/**'],
    globalSetup: ['test/kit/build-once.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 20_000,
    hookTimeout: 30_000,
    env: { NODE_ENV: 'production', CI: 'false', NO_COLOR: '' },
  },
});
