import { existsSync } from 'node:fs';
import { homedir, platform } from 'node:os';
import { join, resolve } from 'node:path';
import type { Environment } from '../../shared/environment.ts';
import { ccRouterContent } from './cc-router.ts';
import { ccflareContent } from './ccflare.ts';
import { claudeCodeRouterContent } from './claude-code-router.ts';
import type { ImportedAccount, ToolContent } from './imported-account.ts';
import { blankJsonStore, blankPlaces, jsonValue, readJsonStore } from './json-store.ts';
import { overwriteInSqlite, querySqlite } from './sqlite-store.ts';
import { teamclaudeContent } from './teamclaude.ts';
import { toolError } from './tool-error.ts';

/** Another tool whose accounts can be taken over. */
export type Tool = {
  title: string;
  /** Where its store may lie, the likeliest first. */
  places(env: Environment): string[];
  /** Throws `failed` with the reason; changes nothing. */
  read(path: string, env: Environment): ToolContent;
  /** Empties the plain copies of what these accounts hold. Throws `failed` with the reason. */
  blank(path: string, accounts: readonly ImportedAccount[]): void;
};

const configFolder = (env: Environment): string => env['XDG_CONFIG_HOME'] || join(homedir(), '.config');

/** As ccflare and better-ccflare choose theirs. */
const ccflareFolder = (env: Environment, name: string): string =>
  platform() === 'win32'
    ? join(env['LOCALAPPDATA'] ?? env['APPDATA'] ?? join(homedir(), 'AppData', 'Local'), name)
    : join(configFolder(env), name);

const given = (path: string | undefined): string[] =>
  path === undefined || path === '' ? [] : [resolve(path)];

const inJson = (
  content: (document: unknown, env: Environment) => ToolContent,
): Pick<Tool, 'read' | 'blank'> => ({
  read: (path, env) => content(readJsonStore(path), env),
  blank: (path, accounts) =>
    blankJsonStore(
      path,
      accounts.flatMap(({ plain }) => plain),
    ),
});

const secretColumns = ['access_token', 'refresh_token', 'api_key'];

const ccflare: Pick<Tool, 'read' | 'blank'> = {
  read: (path) => ccflareContent(querySqlite(path, 'select * from accounts order by rowid limit 1000')),
  blank: (path, accounts) => {
    const rows = querySqlite(path, "select name from pragma_table_info('accounts')");
    const columns = new Set(rows.map(({ name }) => name));
    // Empty and not null: in the older ones a refresh token must be there.
    const changes = secretColumns.filter((column) => columns.has(column)).map((column) => `${column} = ''`);
    const sql = `update accounts set ${changes.join(', ')} where id = ?`;
    overwriteInSqlite(
      path,
      accounts.map(({ sourceId }) => ({ sql, values: [sourceId] })),
    );
  },
};

const isSqlite = (path: string): boolean => /\.(?:sqlite3?|db)$/.test(path);

const storedConfig = (path: string): string => {
  const [row] = querySqlite(path, "select value_json from app_config where key = 'default'");
  const text = row?.['value_json'];
  if (typeof text === 'string') return text;
  throw toolError(path, 'holds no settings', 'give its config.json with --path');
};

const routerJson = inJson(claudeCodeRouterContent);

/** Version 3 keeps in a database what version 2 had in a file. */
const router: Pick<Tool, 'read' | 'blank'> = {
  read: (path, env) =>
    isSqlite(path)
      ? claudeCodeRouterContent(jsonValue(path, storedConfig(path)), env)
      : routerJson.read(path, env),
  blank: (path, accounts) => {
    if (!isSqlite(path)) return routerJson.blank(path, accounts);
    const places = accounts.flatMap(({ plain }) => plain);
    const values = [blankPlaces(storedConfig(path), places)];
    overwriteInSqlite(path, [{ sql: "update app_config set value_json = ? where key = 'default'", values }]);
  },
};

/** By the name that `import` takes. */
export const tools = {
  'cc-router': {
    title: 'CC-Router',
    places: (env) => [...given(env['ACCOUNTS_PATH']), join(homedir(), '.cc-router', 'accounts.json')],
    ...inJson(ccRouterContent),
  },
  ccflare: {
    title: 'ccflare',
    places: (env) => [...given(env['ccflare_DB_PATH']), join(ccflareFolder(env, 'ccflare'), 'ccflare.db')],
    ...ccflare,
  },
  'better-ccflare': {
    title: 'better-ccflare',
    places: (env) => [
      ...given(env['BETTER_CCFLARE_DB_PATH'] || env['ccflare_DB_PATH']),
      join(ccflareFolder(env, 'better-ccflare'), 'better-ccflare.db'),
    ],
    ...ccflare,
  },
  'claude-code-router': {
    title: 'claude-code-router',
    places: () =>
      ['config.sqlite', 'config.json'].map((name) => join(homedir(), '.claude-code-router', name)),
    ...router,
  },
  teamclaude: {
    title: 'teamclaude',
    places: (env) => [...given(env['TEAMCLAUDE_CONFIG']), join(configFolder(env), 'teamclaude.json')],
    ...inJson(teamclaudeContent),
  },
} as const satisfies Record<string, Tool>;

export type ToolName = keyof typeof tools;

export const isToolName = (name: string): name is ToolName => Object.hasOwn(tools, name);

/** The store of a tool on this machine; null when there is none where it usually lies. */
export const findStore = (tool: Tool, env: Environment): string | null =>
  tool.places(env).find((path) => existsSync(path)) ?? null;
