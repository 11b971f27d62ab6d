import { copyFileSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { run } from '../../source/commands/import.ts';
import { CcrError } from '../../source/shared/errors.ts';
import { loadSqlite } from '../../source/shared/sqlite.ts';
import { useContextHome } from '../kit/command-context.ts';

const home = useContextHome();

type Row = { id?: string; name: string; kind: string; action: string; reason: string | null };
type Printed = { accounts: Row[]; left: { name: string; reason: string }[]; plain?: { end: string } };
type Config = { accounts: Record<string, unknown>[] };
type Options = Record<string, string | true>;

const fixture = (name: string): string =>
  fileURLToPath(new URL(`../fixtures/import/${name}`, import.meta.url));
/** Beside our own files, in a folder of the tools. */
const place = (name: string): string => {
  const path = join(home.path, 'theirs', name);
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  return path;
};
const copied = (from: string) => (path: string) => copyFileSync(fixture(from), path);
const made = (sql: string) => (path: string) => {
  const { DatabaseSync } = loadSqlite();
  const database = new DatabaseSync(path);
  database.exec(readFileSync(fixture(sql), 'utf8'));
  database.close();
};

const ask = async (source: string, options: Options = {}, env: Record<string, string> = {}) => {
  const positionals = source === '' ? [] : [source];
  const { context, stdout, stderr } = home.context({ positionals, options, env });
  const code = await run(context).catch((error: unknown) => {
    if (!(error instanceof CcrError)) throw error;
    return error;
  });
  const error = typeof code === 'number' ? null : code;
  const exit = error === null ? code : error.exitCode;
  return { exit, message: error?.lines.join() ?? null, stdout: stdout(), stderr: stderr() };
};
const json = async (source: string, options: Options): Promise<Printed> =>
  JSON.parse((await ask(source, { ...options, json: true })).stdout) as Printed;

const snapshot = (): string[] =>
  readdirSync(home.path, { recursive: true, encoding: 'utf8' })
    .toSorted()
    .map((name) => {
      const path = join(home.path, name);
      const stat = statSync(path);
      return `${name} ${stat.mode} ${stat.isFile() ? readFileSync(path, 'base64') : ''}`;
    });
const read = (name: string): string => readFileSync(join(home.path, name), 'utf8');
const accounts = (): Record<string, unknown>[] => (JSON.parse(read('config.json')) as Config).accounts;
const outline = (rows: readonly Row[]) => rows.map(({ name, kind, action }) => [name, kind, action]);
const yes = { 'accept-terms': true } as const;

const signIn = (folder: string, tail: string): { folder: string; file: string; text: string } => {
  const text = JSON.stringify(
    {
      mcpOAuth: { kept: 1 },
      claudeAiOauth: {
        accessToken: `sk-ant-oat01-marker-${tail}`,
        refreshToken: `sk-ant-ort01-marker-${tail}`,
        expiresAt: 1_996_000_000_000,
        scopes: ['user:inference'],
        subscriptionType: 'max',
      },
    },
    null,
    2,
  );
  const file = place(`${folder}/.credentials.json`);
  writeFileSync(file, text, { mode: 0o600 });
  return { folder: dirname(file), file, text };
};

describe('import claude-code', () => {
  it('without a yes takes nothing over, exit 2, and shows what the yes is to', async () => {
    const { folder } = signIn('.claude', 'a');
    const before = snapshot();
    const { exit, stdout, stderr, message } = await ask('claude-code', { path: folder });
    expect({ exit, stdout }).toEqual({ exit: 2, stdout: '' });
    expect([stderr, message]).toEqual([
      expect.stringContaining('Claude logins'),
      expect.stringContaining('add --accept-terms where nobody can be asked'),
    ]);
    expect(snapshot()).toEqual(before);
  });

  it('links: the login stays where it is, byte for byte, and nothing of it is stored', async () => {
    const { folder, file, text } = signIn('.claude', 'a');
    const { exit, stdout } = await ask('claude-code', { path: folder, ...yes });
    const said = "added claude-code (login); its login stays in Claude Code's own store\n";
    expect({ exit, stdout }).toEqual({ exit: 0, stdout: said });
    expect(readFileSync(file, 'utf8')).toBe(text);
    expect(accounts()).toMatchObject([
      { name: 'claude-code', kind: 'login', paused: false, login: { linkedTo: folder, plan: 'max' } },
    ]);
    expect(read('config.json')).not.toContain('marker');
    expect(() => read('vault')).toThrow('ENOENT');
    expect(read('audit.log')).toMatch(/"terms.accepted"[\s\S]*"account.added".*"store":"claude-code"/);
    const before = snapshot();
    expect(await ask('claude-code', { path: folder })).toMatchObject({
      exit: 0,
      stdout: 'skipped claude-code: it is here already, as claude-code\n',
    });
    expect(snapshot()).toEqual(before);
  });

  it('several logins are several folders', async () => {
    const work = signIn('.claude-work', 'w');
    const other = signIn('.claude-home', 'h');
    await ask('claude-code', yes, { CLAUDE_CONFIG_DIR: work.folder });
    await ask('claude-code', { path: other.file, name: 'private' });
    expect(accounts().map(({ name, login }) => [name, (login as { linkedTo: string }).linkedTo])).toEqual([
      ['claude-work', work.folder],
      ['private', other.folder],
    ]);
  });

  it('copies when asked, with the warning, and finds the copy again', async () => {
    const { folder, file, text } = signIn('.claude', 'a');
    const { exit, stdout, stderr } = await ask('claude-code', { path: folder, copy: true, ...yes });
    expect({ exit, stdout }).toEqual({
      exit: 0,
      stdout: 'added claude-code (login); its login is in the encrypted vault\n',
    });
    expect(stderr).toMatch(/copies of logins; when either side refreshes one, the other is logged out/);
    expect(readFileSync(file, 'utf8')).toBe(text);
    expect(accounts()).toMatchObject([{ store: 'vault', login: { linkedTo: null } }]);
    expect(await ask('claude-code', { path: folder })).toMatchObject({
      stdout: 'skipped claude-code: it is here already, as claude-code\n',
    });
  });

  it.each([
    ['nobody is signed in', 'claude-code', { path: '/none' }, 3, /sign in with claude first/],
    ['an unknown source', 'claude-kode', {}, 2, /did you mean claude-code/],
    ['both ways at once', 'claude-code', { link: true, copy: true }, 2, /cannot both be/],
    ['a link to another tool', 'cc-router', { link: true }, 2, /only a login of Claude Code can be linked/],
    ['emptying what is in use', 'claude-code', { 'remove-plain': true }, 2, /goes on using/],
    [
      'a tool that is not there',
      'teamclaude',
      {},
      3,
      /no \/none\/teamclaude\.json; name its store with --path/,
    ],
    ['a path that is not there', 'ccflare', { path: '/none.db' }, 1, /is not there/],
  ] as const)('refuses %s in words and writes nothing', async (_, source, options, exit, what) => {
    const ran = await ask(source, options, { XDG_CONFIG_HOME: '/none' });
    expect(ran).toMatchObject({ exit, stdout: '', stderr: '', message: expect.stringMatching(what) });
    expect(snapshot()).toEqual([]);
  });
});

const stores = [
  ['cc-router', copied('cc-router-accounts.json'), 3],
  ['teamclaude', copied('teamclaude.json'), 4],
  ['ccflare', made('ccflare.sql'), 3],
  ['better-ccflare', made('better-ccflare.sql'), 4],
  ['claude-code-router', copied('claude-code-router.json'), 2],
] as const;

describe.each(stores)('import %s', (tool, make, count) => {
  it('takes the accounts over once, leaves no secret in plain text of ours, and empties theirs when asked', async () => {
    const path = place('store.file');
    make(path);
    const before = snapshot();
    const dry = await json(tool, { path, 'dry-run': true });
    expect(dry.accounts.map(({ action }) => action)).toEqual(Array.from({ length: count }, () => 'add'));
    expect(snapshot()).toEqual(before);

    const real = await json(tool, { path, ...yes });
    expect(outline(real.accounts)).toEqual(outline(dry.accounts));
    expect(real.accounts.map(({ id }) => id)).toEqual(accounts().map(({ id }) => id));
    expect([real.left, real.plain?.end]).toEqual([dry.left, 'kept']);
    expect(readFileSync(path).includes('marker')).toBe(true);
    for (const name of ['config.json', 'vault', 'vault.bak', 'audit.log'])
      expect(read(name)).not.toContain('marker');

    const after = snapshot();
    const again = await json(tool, { path });
    expect(again.accounts.map(({ action }) => action)).toEqual(Array.from({ length: count }, () => 'skip'));
    expect(snapshot()).toEqual(after);

    const emptied = await ask(tool, { path, 'remove-plain': true });
    expect(emptied).toMatchObject({
      exit: 0,
      stdout: expect.stringContaining(`emptied the plain copies in ${path}\n`),
    });
    expect(read('audit.log')).toContain(`"plain.removed","from":"${tool}"`);
    expect(accounts()).toHaveLength(count);
  });
});

describe('import, in any case', () => {
  it('names what failed, and the rest stands', async () => {
    const one = { type: 'apikey', name: 'one', apiKey: 'sk-ant-api03-marker one' };
    const two = { type: 'apikey', name: 'two', apiKey: 'sk-ant-api03-marker-two' };
    const path = place('store.json');
    writeFileSync(path, JSON.stringify({ accounts: [one, two] }));
    const ran = await ask('teamclaude', { path });
    expect(ran.exit).toBe(1);
    expect(ran.stdout).toMatch(/^failed one: this is not a key of the Claude Console; .*\nadded two /);
    expect(`${ran.stdout}${ran.stderr}`).not.toContain('marker');
    expect(accounts().map(({ name }) => name)).toEqual(['two']);
    // Only what is ours for sure is emptied: the other key would be lost.
    await ask('teamclaude', { path, 'remove-plain': true });
    expect(readFileSync(path, 'utf8')).toContain('sk-ant-api03-marker one');
    expect(readFileSync(path, 'utf8')).not.toContain('marker-two');
  });

  it('a name is for one account, and one that is taken is refused', async () => {
    const path = place('store.json');
    copied('teamclaude.json')(path);
    expect(await ask('teamclaude', { path, name: 'x' })).toMatchObject({ exit: 2 });
    const { folder } = signIn('.claude', 'a');
    await ask('claude-code', { path: folder, name: 'x', ...yes });
    const other = signIn('.claude-2', 'b');
    expect(await ask('claude-code', { path: other.folder, name: 'x' })).toMatchObject({
      exit: 1,
      message: expect.stringContaining('there already is an account x'),
    });
    expect(await ask('claude-code', { path: other.folder, name: 'a b' })).toMatchObject({ exit: 2 });
    expect(accounts()).toHaveLength(1);
  });

  it('a login that was renewed there since is taken anew, and all else of the account stays', async () => {
    const path = place('accounts.json');
    const [before, after] = ['one', 'two'].map((tail, at) => ({
      id: 'max',
      accessToken: `sk-ant-oat01-marker-${tail}`,
      refreshToken: `sk-ant-ort01-marker-${tail}`,
      expiresAt: 1_796_000_000_000 + at,
    }));
    writeFileSync(path, JSON.stringify([before]));
    await ask('cc-router', { path, ...yes });
    const [account] = accounts();
    writeFileSync(path, JSON.stringify([{ ...after, sessionLimitPercent: 50 }]));
    expect((await ask('cc-router', { path, 'dry-run': true })).stdout).toBe(
      'would renew the login of max: its login there is newer\n',
    );
    const renewed = await json('cc-router', { path });
    expect(renewed.accounts).toMatchObject([{ action: 'update', name: 'max', id: account?.['id'] }]);
    expect(accounts()).toEqual([account]);
    expect(await json('cc-router', { path })).toMatchObject({ accounts: [{ action: 'skip' }] });
    writeFileSync(path, JSON.stringify([before]));
    expect(await json('cc-router', { path })).toMatchObject({ accounts: [{ action: 'skip' }] });
  });

  it('the address that was given is where logins and keys go', async () => {
    const { folder } = signIn('.claude', 'a');
    await ask('claude-code', { path: folder, 'base-url': 'http://127.0.0.1:9', ...yes });
    expect(accounts()).toMatchObject([{ baseUrl: 'http://127.0.0.1:9' }]);
  });
});
