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
    pattern: /^(?:proxy|shared)\/capture\.ts$/,
    by: 'proxy/captures.test.ts',
    why: 'what is kept of one request, through the data plane',
  },
  {
    pattern: /^history\/capture-(?:table|seal)\.ts$/,
    by: 'history/capture-rows.test.ts',
    why: 'how captures are sealed, where they go, and for how long',
  },
  {
    pattern: /^(?:commands\/open-captures|store\/har-capture)\.ts$/,
    by: 'commands/history-show.test.ts',
    why: 'how a capture is found, opened and shown',
  },
  {
    pattern: /^history\/(?:count-rows|rollups)\.ts$/,
    by: 'history/statistics.test.ts',
    why: 'where its figures come from',
  },
  {
    pattern: /^services\.ts$/,
    by: 'instance.test.ts',
    why: 'the later part of one start',
  },
  {
    pattern: /^config\/setting-table\.ts$/,
    by: 'config/schema.test.ts',
    why: 'the data that it is made of, whole',
  },
  {
    pattern: /^history\/read-steps\.ts$/,
    by: 'history/read-statistics.test.ts',
    why: 'how whatever comes in steps is read, and what is no history',
  },
  {
    pattern: /^history\/answer\.ts$/,
    by: 'statistics-handlers.test.ts',
    why: 'what is asked of the thread of a real instance',
  },
  {
    pattern: /^ui\/overlays\/(?:client-key-lines|key-created)\.ts$/,
    by: 'ui/overlays/client-keys.test.ts',
    why: 'two pages of one overlay, as a person reads them',
  },
  {
    pattern: /^ui\/overlays\/statistics-measures\.ts$/,
    by: 'ui/overlays/statistics-lines.test.ts',
    why: 'the data that their lines are made of',
  },
  {
    pattern: /^ui\/overlays\/fresh-statistics\.ts$/,
    by: 'ui/overlays/statistics.test.ts',
    why: 'when they ask, and what becomes of the answers',
  },
  {
    pattern: /^ui\/overlays\/(?:detail-texts|part-lines|why-lines)\.ts$/,
    by: 'ui/overlays/detail-lines.test.ts',
    why: 'the parts of one page, read whole',
  },
  { pattern: /^shared\/statistics\.ts$/, by: 'commands/stats.test.ts', why: 'types, and the words of --by' },
  {
    pattern: /^shared\/strategy-words\.ts$/,
    by: 'ui/overlays/choose-strategy.test.ts',
    why: 'words, each of which that menu shows',
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
    pattern: /^shared\/(?:action|[a-z-]+-actions|account-options)\.ts$/,
    by: 'shared/actions.test.ts',
    why: 'the parts of one table',
  },
  {
    pattern: /^ui\/effects\/(?:effect|accounts|requests|program)\.ts$/,
    by: 'ui/dispatch.test.ts',
    why: 'what keys do, seen when they are pressed',
  },
  {
    pattern: /^credentials\/(?:sealed-content|vault-format-1)\.ts$/,
    by: 'credentials/vault-format.test.ts',
    why: 'parts of the format',
  },
  {
    pattern: /^credentials\/(?:open-vault|vault-files|vault-generation)\.ts$/,
    by: 'credentials/vault-access.test.ts',
    why: 'how a vault is opened, and told to be older than it was',
  },
  {
    pattern: /^(?:target|show-app|end-instance)\.ts$/,
    by: 'app.test.ts',
    why: 'what the screen and plain lines run on, and how they end',
  },
  {
    pattern: /^(?:clients\/connection|commands\/client-connection)\.ts$/,
    by: 'e2e/connect.test.ts',
    why: 'what connect and disconnect have in common',
  },
  {
    pattern: /^(?:account|request)-handlers\.ts$/,
    by: 'execute.test.ts',
    why: 'rows of the table of commands',
  },
  {
    pattern: /^credentials\/newest-login\.ts$/,
    by: 'credentials/refresh.test.ts',
    why: 'what a renewal begins with, and where it ends',
  },
  {
    pattern: /^credentials\/token-(?:entry|work)\.ts$/,
    by: 'credentials/tokens.test.ts',
    why: 'the parts of one door',
  },
  {
    pattern: /^(?:secret-handlers|commands\/(?:secret-(?:get|list|delete)|open-secret-book))\.ts$/,
    by: 'commands/secret-set.test.ts',
    why: 'what is stored is listed, shown and forgotten, with an instance and without',
  },
  {
    pattern: /^ui\/overlays\/(?:ask-line|confirm)\.ts$/,
    by: 'ui/overlays/account-dialogs.test.ts',
    why: 'questions, shown by those who ask them',
  },
  {
    pattern: /^commands\/store-login\.ts$/,
    by: 'commands/account-login.test.ts',
    why: 'where its accounts go, with and without an instance',
  },
  {
    pattern: /^vault-handlers\.ts$/,
    by: 'e2e/vault.test.ts',
    why: 'what is asked of the stores of an instance',
  },
  {
    pattern: /^commands\/(?:backup|restore)\.ts$/,
    by: 'e2e/backup.test.ts',
    why: 'from one home to another',
  },
  {
    pattern: /^credentials\/(?:collect|restore)-backup\.ts$/,
    by: 'credentials/backup.test.ts',
    why: 'what goes into one, and out of it',
  },
  { pattern: /^commands\/vault\.ts$/, by: 'e2e/vault.test.ts', why: 'commands about the stores' },
  {
    pattern: /^(?:credentials\/open-tokens|proxy\/logins)\.ts$/,
    by: 'proxy/claude-logins.test.ts',
    why: 'how requests get the tokens of logins',
  },
  {
    pattern: /^proxy\/(?:about-accounts|end-serving|open-door|telling)\.ts$/,
    by: 'proxy/proxy.test.ts',
    why: 'parts of the data plane',
  },
  {
    pattern: /^proxy\/load-secret\.ts$/,
    by: 'proxy/account-pool.test.ts',
    why: 'what the pool has of a secret, and why it has none',
  },
  { pattern: /^shared\/look\.ts$/, by: 'config/schema.test.ts', why: 'words of settings' },
  { pattern: /^ui\/save-text\.ts$/, by: 'ui/overlays/copy-menu.test.ts', why: 'what is told of a file' },
  { pattern: /^ui\/look\.ts$/, by: 'screen-look.test.ts', why: 'how it looks where nothing is set' },
  { pattern: /^shared\/notice\.ts$/, by: 'store/notices.test.ts', why: 'the names of what is told' },
  {
    pattern: /^watch-spending\.ts$/,
    by: 'e2e/budget.test.ts',
    why: 'what is counted in an instance, and outlives it',
  },
  { pattern: /^version\.ts$/, by: 'cli.test.ts', why: 'what `--version` prints' },
  {
    pattern: /^commands\/open-account-book\.ts$/,
    by: 'cli.test.ts',
    why: 'how a command gets to its data: every command test goes through it',
  },
  {
    pattern: /^ui\/(?:panes|overlays|widgets)\/[^/]+\.tsx$/,
    by: 'ui/screen.test.ts',
    why: 'seen on the screen',
  },
  {
    pattern: /^ui\/leave\.ts$/,
    by: 'e2e/sign-in-key.test.ts',
    why: 'only a shell shows what is given to a program and taken back',
  },
  {
    pattern: /^ui\/(?:hand-over\.tsx|suspend\.ts)$/,
    by: 'e2e/suspend.test.ts',
    why: 'only a shell with job control shows what they do',
  },
  {
    pattern: /^(?:commands\/(?:import-account|known-accounts)|credentials\/importers\/import-sources)\.ts$/,
    by: 'commands/import.test.ts',
    why: 'how accounts come in from elsewhere: every test of import goes through them',
  },
  {
    pattern: /^credentials\/importers\/tool-error\.ts$/,
    by: 'credentials/importers/json-store.test.ts',
    why: 'the words for a store that cannot be read',
  },
  {
    pattern: /^proxy\/secret-words\.ts$/,
    by: 'proxy/account-pool.test.ts',
    why: 'what an account without its secret says',
  },
  {
    pattern: /^credentials\/tunnel-agent\.ts$/,
    by: 'credentials/outbound-agent.test.ts',
    why: 'the way that the others are spared',
  },
  {
    pattern: /^proxy\/worker-calls\.ts$/,
    by: 'proxy/worker-client.test.ts',
    why: 'questions to the thread, asked through its client',
  },
  {
    pattern: /^proxy\/ask-usage\.ts$/,
    by: 'proxy/usage-reader.test.ts',
    why: 'what is asked, by who decides when',
  },
  {
    pattern: /^proxy\/get-json\.ts$/,
    by: 'proxy/test-account.test.ts',
    why: 'the one question, whatever it is about',
  },
  {
    pattern: /^proxy\/receive\.ts$/,
    by: 'proxy/upload.test.ts',
    why: 'which bodies are kept, and which are not',
  },
  {
    pattern: /^proxy\/(?:choose-next|discard)\.ts$/,
    by: 'proxy/forward.test.ts',
    why: 'whom a request asks next, and what becomes of an answer that it does not take',
  },
];

/** Tests that stand for the whole and not for one file. */
const ofTheWhole = new Set(['architecture', 'mirror', 'package', 'documents']);

/** Tests of one source file that are too long for one file: the further part, and what it is a part of. */
const parts = new Map([
  ['ui/frame-figures', 'ui/frame'],
  ['proxy/abort', 'proxy/departure'],
  ['clients/connect-refused', 'clients/connect'],
  ['credentials/refresh-crash', 'credentials/refresh'],
  ['proxy/claude-logins', 'proxy/forward'],
  ['proxy/exhausted-pool', 'proxy/refuse'],
  ['proxy/failing-accounts', 'proxy/forward'],
  ['proxy/overage', 'proxy/try-account'],
  ['proxy/relent', 'proxy/try-account'],
  ['proxy/http-corpus', 'proxy/http-server'],
  ['proxy/limit-storm', 'proxy/wait-turn'],
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
