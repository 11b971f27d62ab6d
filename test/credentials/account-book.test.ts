import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { openDocument } from '../../source/config/document.ts';
import { resolvePaths, type Paths } from '../../source/config/paths.ts';
import { loadSettings } from '../../source/config/settings.ts';
import { createAccountBook, type AccountBook } from '../../source/credentials/account-book.ts';
import { replaceLogin } from '../../source/credentials/replace-login.ts';
import { createSecretKeeper, type SecretKeeper } from '../../source/credentials/secret-keeper.ts';
import type { NewAccount } from '../../source/shared/commands.ts';
import { Secret } from '../../source/shared/secret.ts';
import { asEpoch, type LoginFacts } from '../../source/shared/types.ts';

const root = mkdtempSync(join(tmpdir(), 'ccr-book-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

let count = 0;
let paths: Paths;
let keeper: SecretKeeper;
let book: AccountBook;

const accounts = () => loadSettings({ paths, env: {} }).accounts;
const now = asEpoch(1_790_000_000_000);

beforeEach(() => {
  paths = resolvePaths({ CCR_TUI_HOME: join(root, `${(count += 1)}`) });
  keeper = createSecretKeeper({ paths, preference: 'vault' });
  book = createAccountBook({
    document: openDocument(paths),
    keeper,
    replaceLogin: (record, login) => replaceLogin({ record, keeper, paths }, login),
    clock: { now: () => now },
    readAccounts: accounts,
  });
});

const facts: LoginFacts = {
  termsAcceptedAt: now,
  linkedTo: null,
  accountUuid: 'uuid-1',
  organization: 'Org',
  plan: null,
};

const account = (name: string, change: Partial<NewAccount> = {}): NewAccount => ({
  name,
  kind: 'api-key',
  baseUrl: null,
  priority: null,
  weight: null,
  ...change,
});
const secret = (text = 'sk-ant-api03-book'): Secret => new Secret(text);
const add = (name: string, key?: string) => book.add(account(name), secret(key), { force: false });

describe('adding', () => {
  test('keeps the record without the secret, the secret where the record says, and tells both', async () => {
    const { record, notice } = await add('work');
    expect(record).toEqual({
      id: expect.stringMatching(/^[A-Za-z0-9_-]{8,64}$/),
      name: 'work',
      kind: 'api-key',
      baseUrl: 'https://api.anthropic.com',
      priority: 200,
      weight: 1,
      paused: false,
      store: 'vault',
      createdAt: now,
    });
    expect(notice).toContain(paths.vault);
    expect(accounts()).toEqual([record]);
    expect((await keeper.get(record.id, 'vault'))?.reveal()).toBe(
      'https://api.anthropic.com sk-ant-api03-book',
    );
    expect(readFileSync(paths.config, 'utf8')).not.toContain('sk-ant');
  });

  test('a linked login has its record alone, and goes again without asking any store', async () => {
    const linked = account('linked', { kind: 'login', login: { ...facts, linkedTo: '/home/ann/.claude' } });
    const { record, notice } = await book.add(linked, null, { force: false });
    expect(record).toMatchObject({ store: 'memory', login: { linkedTo: '/home/ann/.claude' } });
    expect([notice, existsSync(paths.vault)]).toEqual([null, false]);
    expect(await book.remove('linked')).toMatchObject({ notice: null });
    expect([accounts(), existsSync(paths.vault)]).toEqual([[], false]);
    // The next account is not kept in memory because of it.
    await book.add(linked, null, { force: false });
    expect((await add('work')).record.store).toBe('vault');
    for (const kind of ['api-key', 'login'] as const) {
      const asked = book.add(account('other', { kind, login: facts }), null, { force: false });
      await expect(asked).rejects.toMatchObject({ code: 'bad_secret' });
    }
  });

  test('pause and origin are kept as they came', async () => {
    const given = account('old', { paused: true, importedFrom: 'cc-router:old' });
    await book.add(given, secret(), { force: false });
    expect(accounts()).toMatchObject([{ paused: true, importedFrom: 'cc-router:old' }]);
  });

  test('a name that is taken stores neither secret nor record', async () => {
    const { record } = await add('work');
    const vault = readFileSync(paths.vault, 'latin1');
    await expect(add('work', 'sk-ant-api03-other')).rejects.toMatchObject({
      code: 'duplicate_account',
      message: 'there already is an account work',
    });
    expect(readFileSync(paths.vault, 'latin1')).toBe(vault);
    expect(accounts()).toEqual([record]);
  });

  test('the same name at the same time is added once, and the other secret is taken back', async () => {
    const ids: string[] = [];
    const watched = createAccountBook({
      document: openDocument(paths),
      keeper,
      replaceLogin: () => Promise.reject(new Error('nobody signs in here')),
      clock: { now: () => now },
      readAccounts: accounts,
      newId: () => {
        ids.push(`id-${ids.length}`);
        return ids.at(-1) ?? '';
      },
    });
    const results = await Promise.allSettled(
      [1, 2, 3].map((n) => watched.add(account('work'), secret(`sk-ant-api03-${n}`), { force: false })),
    );
    const refused = results.filter((result) => result.status === 'rejected');
    expect(refused).toHaveLength(2);
    for (const { reason } of refused) expect(reason).toMatchObject({ code: 'duplicate_account' });
    const [record] = accounts();
    const kept = await Promise.all(ids.map((id) => keeper.get(id as never, 'vault')));
    expect(kept.filter((one) => one !== null)).toHaveLength(1);
    expect(await keeper.get(record?.id as never, 'vault')).not.toBeNull();
  });

  test('a record that cannot be written takes its secret back', async () => {
    await add('work');
    writeFileSync(paths.config, '{broken');
    const stored: string[] = [];
    const other = createAccountBook({
      document: openDocument(paths),
      keeper: {
        put: (id, value, decided) => {
          stored.push(id);
          return keeper.put(id, value, decided);
        },
        remove: keeper.remove,
      },
      replaceLogin: () => Promise.reject(new Error('nobody signs in here')),
      clock: { now: () => now },
      readAccounts: () => [],
    });
    await expect(other.add(account('home'), secret(), { force: false })).rejects.toMatchObject({
      code: 'invalid_config',
    });
    expect(stored).toHaveLength(1);
    expect(await keeper.get(stored[0] as never, 'vault')).toBeNull();
    expect(readFileSync(paths.config, 'utf8')).toBe('{broken');
  });

  test.each<[Partial<NewAccount>, string, string]>([
    [{ name: '' }, 'sk-ant-api03-x', 'usage'],
    [{ kind: 'openai' }, 'sk-ant-api03-x', 'unsupported_kind'],
    [{ kind: 'login' }, 'sk-ant-api03-x', 'terms_not_accepted'],
    [{ kind: 'setup-token', login: facts }, 'sk-ant-api03-x', 'bad_secret'],
    [{ baseUrl: 'http://relay.example' }, 'sk-ant-api03-x', 'bad_base_url'],
    [{}, 'hunter2', 'bad_secret'],
  ])('bad input %j leaves no trace on the disk', async (change, text, code) => {
    const failed = book.add(account('work', change), secret(text), { force: false });
    await expect(failed).rejects.toMatchObject({ code });
    expect(existsSync(paths.home)).toBe(false);
  });

  test('keeps of a login who said yes to it, and its tokens with the secrets', async () => {
    const tokens = '{"accessToken":"sk-ant-oat01-book","refreshToken":"sk-ant-ort01-book"}';
    const { record } = await book.add(account('home', { kind: 'login', login: facts }), secret(tokens), {
      force: false,
    });
    expect(accounts()).toEqual([record]);
    expect(record).toMatchObject({ kind: 'login', priority: 100, login: facts });
    expect((await keeper.get(record.id, 'vault'))?.reveal()).toBe(`https://api.anthropic.com ${tokens}`);
    expect(readFileSync(paths.config, 'utf8')).not.toContain('sk-ant');
  });

  test('puts new secrets where the newest account has its own', async () => {
    await add('work');
    const asked: (string | null)[] = [];
    const watching = createAccountBook({
      document: openDocument(paths),
      keeper: {
        put: (id, value, decided) => {
          asked.push(decided);
          return keeper.put(id, value, decided);
        },
        remove: keeper.remove,
      },
      replaceLogin: () => Promise.reject(new Error('nobody signs in here')),
      clock: { now: () => now },
      readAccounts: accounts,
    });
    await watching.add(account('home'), secret(), { force: false });
    expect(asked).toEqual(['vault']);
  });
});

describe('removing', () => {
  test('takes the record and the secret, and leaves the others', async () => {
    const { record: work } = await add('work');
    const { record: home } = await add('home');
    expect(await book.remove('work')).toEqual({ record: work, notice: null });
    expect(accounts()).toEqual([home]);
    expect(await keeper.get(work.id, 'vault')).toBeNull();
    expect(await keeper.get(home.id, 'vault')).not.toBeNull();
  });

  test('an unknown name changes nothing and names the nearest', async () => {
    await add('work');
    const before = readFileSync(paths.config, 'utf8');
    await expect(book.remove('wrok')).rejects.toMatchObject({
      code: 'unknown_account',
      exitCode: 3,
      message: 'there is no account wrok',
      hint: 'did you mean work?',
    });
    expect(readFileSync(paths.config, 'utf8')).toBe(before);
  });

  test('goes on without its store, and says that the secret is still there', async () => {
    await add('work');
    writeFileSync(paths.vault, 'damaged');
    const { notice } = await book.remove('work');
    expect(notice).toMatch(/^its secret is still in the vault: the vault .+ cannot be opened/);
    expect(accounts()).toEqual([]);
  });
});

test('an account may begin with caps and models; none of either is no limit', async () => {
  const caps = { '5h': 0.5 };
  const models = ['claude-haiku-*'];
  const { record } = await book.add(account('work', { caps, models }), secret(), { force: false });
  const free = await book.add(account('home', { caps: {}, models: [] }), secret(), { force: false });
  expect(record).toMatchObject({ caps, models });
  expect(Object.keys(free.record)).not.toContain('caps');
  expect(accounts()).toEqual([record, free.record]);
  await expect(book.add(account('x', { caps: { '5h': 2 } }), secret(), { force: false })).rejects.toThrow(
    'the caps: 2 is not a share',
  );
});
