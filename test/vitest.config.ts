import { globSync, readFileSync } from 'node:fs';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

// Left out only where with-keyring.sh found nothing to run them with, and said so.
const needsKeyring = [
  'test/credentials/keychain.test.ts',
  'test/credentials/secret-keeper.test.ts',
  'test/e2e/keychain.test.ts',
];

const root = new URL('..', import.meta.url).pathname;

// Tests start hundreds of programs and threads that load the same files: Node need not compile them anew for each.
process.env['NODE_COMPILE_CACHE'] ??= `${root}node_modules/.cache/node-compile`;

const says = (file: string, words: RegExp): boolean => words.test(readFileSync(root + file, 'utf8'));
const isLong = (file: string): boolean => says(file, /\/kit\/long-run\.ts'/);
const all = globSync('test/**/*.test.{ts,tsx}', { cwd: root });
const wanted = process.env['CCR_TEST_LONG'] === '1' ? all.filter(isLong) : all;

/**
 * File after file in one process: to start one, and to load Ink, got and fast-check anew, for each took a third of their
 * time. The others start whole instances, with their threads, or programs on terminals, and get a process for each file:
 * once in three runs a shared one was ended by SIGSEGV among them (Node 24.21).
 */
const folders =
  /^test\/(?:balancer|clients|commands|config|control|credentials|demo|history|kit|proxy|shared|simulate|store|ui)\//;

/** What it measures of the process, or changes in it for good, must be its own; and all time limits of one share a timer. */
const itsOwn = /\b(?:memoryUsage|cpuUsage|resourceUsage|startTimeLimit)\b|\/proc\/self\/(?!net)/;

const sharesProcess = (file: string): boolean => folders.test(file) && !says(file, itsOwn);

const project = (name: string, isolate: boolean) => ({
  extends: true as const,
  test: { name, isolate, include: wanted.filter((file) => sharesProcess(file) !== isolate) },
});

/**
 * Those that start whole programs come first: what takes a minute at the end has one processor for itself, and the other
 * one nothing to do. Without a memory of earlier runs the runner would go by the size of the files.
 */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isWhole = ({ moduleId }: TestSpecification): boolean => moduleId.includes('/test/e2e/');
    const sorted = await super.sort(files);
    return [...sorted.filter(isWhole), ...sorted.filter((file) => !isWhole(file))];
  }
}

export default defineConfig({
  // The same JSX as the compiler makes: React's production build, which the tests run with, has no other.
  oxc: { jsx: { runtime: 'automatic', development: false } },
  test: {
    root,
    projects: [project('together', false), project('apart', true)],
    exclude: ['test/toolchain/**', ...(process.env['CCR_TEST_KEYRING'] === 'absent' ? needsKeyring : [])],
    globalSetup: ['test/kit/build-once.ts'],
    sequence: { sequencer: LongestFirst },
    pool: 'forks',
    // One more than the processors that they are meant for: tests of programs wait a third of their time.
    maxWorkers: 3,
    // To wait for what happens in its own time is no bound: a test that means one says so. Nor is how long a test takes, which
    // with ten programs one after the other was 15 s on a machine with other things to do: a wait that is over tells more.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 15_000, interval: 20 } },
    env: {
      NODE_ENV: 'production',
      // For the programs that tests start: what they do in a terminal must not depend on where they are judged.
      CI: 'false',
      NO_COLOR: '',
      CCR_TEST_COMPLETE: process.env['CI'] === 'true' ? '1' : '',
    },
  },
});
