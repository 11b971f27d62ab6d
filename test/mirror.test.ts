import { existsSync, globSync, readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { describe, expect, it } from 'vitest';
import { sourceFolder } from './kit/read-source.ts';

const testFolder = new URL('./', import.meta.url).pathname;

/** Source files whose promises are tested under another name, and where. A pattern and at least one test each. */
const elsewhere: readonly { pattern: RegExp; by: string; why: string }[] = [
  {
    pattern: /^store\/state\.ts$/,
    by: 'store/reduce.test.ts',
    why: 'types, and two bounds that the fold keeps',
  },
  {
    pattern: /^store\/draft\.ts$/,
    by: 'store/reduce.test.ts',
    why: 'how the fold leaves the state it was given alone',
  },
  {
    pattern: /^store\/sentences\.ts$/,
    by: 'store/log.test.ts',
    why: 'what the log says, whole sentences in their order',
  },
  {
    pattern: /^shared\/(?:action|(?:command|setup|key|client-key)-actions)\.ts$/,
    by: 'shared/actions.test.ts',
    why: 'the parts of one table',
  },
  { pattern: /^target\.ts$/, by: 'app.test.ts', why: 'what the screen and plain lines run on' },
  {
    pattern: /^(?:clients\/connection|commands\/client-connection)\.ts$/,
    by: 'e2e/connect.test.ts',
    why: 'what connect and disconnect have in common',
  },
  { pattern: /^version\.ts$/, by: 'cli.test.ts', why: 'what `--version` prints' },
  {
    pattern: /^commands\/(?:open-account-book|reach-instance)\.ts$/,
    by: 'cli.test.ts',
    why: 'how a command gets to its data: every command test goes through it',
  },
  {
    pattern: /^ui\/(?:panes|overlays|widgets)\/[^/]+\.tsx$/,
    by: 'ui/screen.test.ts',
    why: 'seen on the screen',
  },
  {
    pattern: /^ui\/(?:hand-over\.tsx|suspend\.ts)$/,
    by: 'e2e/suspend.test.ts',
    why: 'only a shell with job control shows what they do',
  },
  {
    pattern: /^proxy\/receive\.ts$/,
    by: 'proxy/upload.test.ts',
    why: 'which bodies are kept, and which are not',
  },
];

/** Tests that stand for the whole and not for one file. */
const ofTheWhole = new Set(['architecture', 'mirror', 'package', 'documents']);

/** Tests of one source file that are too long for one file: the further part, and what it is a part of. */
const parts = new Map([
  ['clients/connect-refused', 'clients/connect'],
  ['proxy/failing-accounts', 'proxy/forward'],
  ['proxy/http-corpus', 'proxy/http-server'],
  ['proxy/upstream-faults', 'proxy/upstream-connection'],
]);

const list = (pattern: string, folder: string): string[] =>
  globSync(pattern, { cwd: folder })
    .map((path) => path.replaceAll('\\', '/'))
    .sort();

const sources = list('**/*.{ts,tsx,cts}', sourceFolder);
const tests = list('**/*.test.{ts,tsx}', testFolder).filter((path) => !path.startsWith('toolchain/'));
const stem = (path: string): string => path.replace(/(?:\.test)?\.[cm]?tsx?$/, '');

/** True when nothing of the file is left at run time: it has no behaviour to test. */
const isTypesOnly = (path: string): boolean => {
  if (!path.endsWith('.ts')) return false;
  const code = stripTypeScriptTypes(readFileSync(sourceFolder + path, 'utf8'));
  const rest = code.replace(/\/\*[\s\S]*?\*\//g, '').replace(/\/\/.*$/gm, '');
  return rest.replace(/\bexport\s*\{\s*\}\s*;?/g, '').trim() === '';
};

describe('the tests mirror the source', () => {
  it('knows a file of types from one with logic', () => {
    expect(isTypesOnly('shared/session.ts')).toBe(true);
    expect(isTypesOnly('shared/errors.ts')).toBe(false);
    expect(sources.length).toBeGreaterThan(30);
  });

  it('has a test at the same path for every source file with logic', () => {
    const tested = new Set(tests.map(stem));
    const missing = sources.filter(
      (path) =>
        !tested.has(stem(path)) && !elsewhere.some(({ pattern }) => pattern.test(path)) && !isTypesOnly(path),
    );
    expect(missing).toEqual([]);
  });

  it('has a source file at the same path for every test', () => {
    const existing = new Set(sources.map(stem));
    const subject = (path: string): string => parts.get(stem(path)) ?? stem(path);
    const orphans = tests.filter(
      (path) => !existing.has(subject(path)) && !ofTheWhole.has(stem(path)) && !/^(?:kit|e2e)\//.test(path),
    );
    expect(orphans).toEqual([]);
  });

  it('has no exception that is not needed, and each is tested where it says', () => {
    const idle = elsewhere.filter(({ pattern }) => !sources.some((path) => pattern.test(path)));
    const broken = elsewhere.filter(({ by }) => !existsSync(testFolder + by));
    const gone = [...parts.keys()].filter((part) => !tests.map(stem).includes(part));
    expect(gone).toEqual([]);
    expect([...idle, ...broken].map(({ pattern, by }) => `${pattern.source} by ${by}`)).toEqual([]);
  });
});
