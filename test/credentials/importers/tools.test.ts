import { copyFileSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import * as fc from 'fast-check';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeEach, describe, expect, test } from 'vitest';
import { parseName } from '../../../source/config/account-record.ts';
import { ccRouterContent } from '../../../source/credentials/importers/cc-router.ts';
import { ccflareContent } from '../../../source/credentials/importers/ccflare.ts';
import { claudeCodeRouterContent } from '../../../source/credentials/importers/claude-code-router.ts';
import { recordsOf } from '../../../source/credentials/importers/imported-account.ts';
import { planImport } from '../../../source/credentials/importers/plan-import.ts';
import { teamclaudeContent } from '../../../source/credentials/importers/teamclaude.ts';
import { filesHolding } from '../../../source/credentials/importers/plain-left.ts';
import { findStore, isToolName, tools, type ToolName } from '../../../source/credentials/importers/tools.ts';
import { inRun } from '../../kit/long-run.ts';
import { loadSqlite } from '../../../source/shared/sqlite.ts';
import { temporaryFolders } from '../../kit/temporary-folders.ts';

const newFolder = temporaryFolders('tools');
let folder = '';
beforeEach(() => {
  folder = newFolder();
});

const fixture = (name: string): string =>
  fileURLToPath(new URL(`../../fixtures/import/${name}`, import.meta.url));
const database = (name: string, sql: string): string => {
  const path = join(folder, name);
  const { DatabaseSync } = loadSqlite();
  const made = new DatabaseSync(path);
  made.exec(sql);
  made.close();
  return path;
};
const copied = (name: string): string => {
  const path = join(folder, name);
  copyFileSync(fixture(name), path);
  return path;
};
const routerSql = (): string => {
  const json = readFileSync(fixture('claude-code-router-3.json'), 'utf8').replaceAll("'", "''");
  return `create table app_config (key text primary key, value_json text not null, updated_at text not null);
    insert into app_config values ('default', '${json}', 'now')`;
};

/** A store of each tool as it makes it, how many accounts are in it, and a secret that stays. */
const stores: Record<string, { tool: ToolName; make: () => string; accounts: number; stays: string }> = {
  'CC-Router': {
    tool: 'cc-router',
    make: () => copied('cc-router-accounts.json'),
    accounts: 3,
    stays: 'openai-refresh',
  },
  teamclaude: {
    tool: 'teamclaude',
    make: () => copied('teamclaude.json'),
    accounts: 4,
    stays: 'tc-marker-proxy-key',
  },
  ccflare: {
    tool: 'ccflare',
    make: () => database('ccflare.db', readFileSync(fixture('ccflare.sql'), 'utf8')),
    accounts: 3,
    stays: 'broken',
  },
  'better-ccflare': {
    tool: 'better-ccflare',
    make: () => database('better-ccflare.db', readFileSync(fixture('better-ccflare.sql'), 'utf8')),
    accounts: 4,
    stays: 'marker-better-5',
  },
  'claude-code-router 2': {
    tool: 'claude-code-router',
    make: () => copied('claude-code-router.json'),
    accounts: 2,
    stays: 'sk-marker-ccr-4',
  },
  'claude-code-router 3': {
    tool: 'claude-code-router',
    make: () => database('config.sqlite', routerSql()),
    accounts: 3,
    stays: 'gemini',
  },
};

const tokensIn = (secret: string): string[] => secret.match(/[\w-]*marker[\w-]*/g) ?? [];

describe.each(Object.entries(stores))('the store of %s', (_, { tool, make, accounts, stays }) => {
  test('is read, and its plain secrets are emptied, those of these accounts and no others', () => {
    const path = make();
    const content = tools[tool].read(path, {});
    expect(content.accounts).toHaveLength(accounts);
    const tokens = content.accounts.map(({ secret }) => tokensIn(secret.reveal()));
    expect(filesHolding(path, tokens.flat())).toEqual([path]);
    const [first, ...rest] = content.accounts;
    tools[tool].blank(path, first === undefined ? [] : [first]);
    expect(filesHolding(path, tokens[0] ?? [])).toEqual([]);
    for (const others of tokens.slice(1)) expect(filesHolding(path, others)).toEqual([path]);
    tools[tool].blank(path, rest);
    expect(filesHolding(path, tokens.flat())).toEqual([]);
    expect(filesHolding(path, [stays])).toEqual([path]);
    expect(tools[tool].read(path, {}).accounts).toEqual([]);
  });
});

const contents = {
  ccRouterContent,
  teamclaudeContent,
  claudeCodeRouterContent: (document: unknown) => claudeCodeRouterContent(document, {}),
  ccflareContent: (document: unknown) => ccflareContent(recordsOf(document).map(([, row]) => row)),
};
const words = ['id', 'name', 'type', 'provider', 'accounts', 'Providers', 'accessToken', 'refreshToken'];
const more = ['apiKey', 'api_key', 'upstream', 'api_base_url', 'custom_endpoint', 'priority', 'maxUsage'];
const oddKeys = ['__proto__', 'constructor', 'credentials', 'capabilities', 'transformer', 'use', 'models'];

test.each(Object.entries(contents))(
  '%s takes whatever a store may hold, and tells no token',
  (_, content) => {
    const token = fc.constantFrom('sk-ant-oat01-marker', 'sk-ant-ort01-marker', 'sk-ant-api03-marker');
    const word = fc.constantFrom(
      'oauth',
      'apikey',
      'anthropic',
      'zai',
      '$X',
      'https://x.example/v1/messages',
      '',
    );
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { depthSize: 'medium' },
        token,
        word,
        fc.integer(),
        fc.constantFrom(null, true, Number.NaN, {}),
        fc.array(tie('tree'), { maxLength: 4 }),
        fc.dictionary(fc.constantFrom(...words, ...more, ...oddKeys), tie('tree'), { maxKeys: 8 }),
      ),
    }));
    const entry = fc.dictionary(fc.constantFrom(...words, ...more, ...oddKeys), fc.oneof(token, word, tree));
    const list = fc.array(entry, { maxLength: 4 });
    const store = fc.oneof(tree, list, fc.record({ accounts: list }), fc.record({ Providers: list }));
    fc.assert(
      fc.property(store, (document) => {
        const { accounts, left } = content(document);
        const names = [...left.map(({ reason }) => reason), ...accounts.flatMap(({ notes }) => notes)];
        const rows = planImport(accounts, { from: 'tool', known: [], name: null, baseUrl: null });
        expect(rows).toHaveLength(accounts.length);
        for (const { name } of rows) expect(parseName(name).ok).toBe(true);
        // The type and the provider are quoted, and a store that has a token there is nobody's.
        expect(names.join().replace(/(?:type|provider) sk-ant-\S+/g, '')).not.toMatch(/sk-ant-o[ar]t01-m/);
      }),
      { numRuns: inRun(300, 20_000) },
    );
  },
);

test('a transformer of claude-code-router that is no word is none', () => {
  const use = [{ toString: 1, valueOf: 1 }, [{}], []];
  const provider = {
    name: 'x',
    api_key: 'k',
    api_base_url: 'https://x.example/anthropic',
    transformer: { use },
  };
  const { accounts, left } = claudeCodeRouterContent({ Providers: [provider] }, {});
  expect(accounts).toEqual([]);
  expect(left).toHaveLength(1);
});

test('stores are looked for where the tools keep them', () => {
  const env = {
    XDG_CONFIG_HOME: '/x',
    ACCOUNTS_PATH: '/a.json',
    ccflare_DB_PATH: '/c.db',
    TEAMCLAUDE_CONFIG: '/t.json',
  };
  const of = (name: ToolName, given: Record<string, string> = {}) => tools[name].places(given);
  expect(of('cc-router', env)).toEqual(['/a.json', join(homedir(), '.cc-router', 'accounts.json')]);
  expect(of('teamclaude', env)).toEqual(['/t.json', '/x/teamclaude.json']);
  expect(of('better-ccflare', { BETTER_CCFLARE_DB_PATH: '/b.db' })[0]).toBe('/b.db');
  expect(of('ccflare', env)).toContain('/c.db');
  expect(of('claude-code-router')).toEqual([
    join(homedir(), '.claude-code-router', 'config.sqlite'),
    join(homedir(), '.claude-code-router', 'config.json'),
  ]);
  expect(findStore(tools.teamclaude, { XDG_CONFIG_HOME: folder })).toBeNull();
  const path = copied('teamclaude.json');
  expect(findStore(tools.teamclaude, { XDG_CONFIG_HOME: folder })).toBe(path);
  expect([isToolName('ccflare'), isToolName('toString')]).toEqual([true, false]);
});
