import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { run as login } from '../../source/commands/account-login.ts';
import { resolvePaths } from '../../source/config/paths.ts';
import { createSecretKeeper } from '../../source/credentials/secret-keeper.ts';
import { CcrError } from '../../source/shared/errors.ts';
import type { AccountId } from '../../source/shared/types.ts';
import { useContextHome } from '../kit/command-context.ts';
import { startSignInMock, type SignInMock } from '../kit/sign-in-mock.ts';

const home = useContextHome();

type Kept = { id: string; name: string; kind: string; login?: Record<string, unknown> };
const file = (name: string): string => join(home.path, name);
const read = (name: string): string => (existsSync(file(name)) ? readFileSync(file(name), 'utf8') : '');
const kept = (): Kept[] => (JSON.parse(read('config.json')) as { accounts?: Kept[] }).accounts ?? [];
const secretOf = async ({ id }: Kept): Promise<string> => {
  const paths = resolvePaths({ CCR_TUI_HOME: home.path });
  const keeper = createSecretKeeper({ paths, preference: 'vault' });
  return (await keeper.get(id as AccountId, 'vault'))?.reveal() ?? '';
};

/** A provider at which one signs in, in the settings of this home. */
const provider = async (): Promise<SignInMock> => {
  const mock = await startSignInMock();
  const entries = Object.entries(mock.settings()).map(([key, value]) => [key.replace('oauth.', ''), value]);
  const oauth = Object.fromEntries(entries) as unknown;
  writeFileSync(file('config.json'), JSON.stringify({ oauth }), { mode: 0o600 });
  return mock;
};

type Options = Record<string, string | true>;
const begin = (name: string, options: Options, stdin = new PassThrough()) => {
  const all = { 'no-browser': true, 'accept-terms': true, ...options } as const;
  const given = home.context({ positionals: [name], options: all });
  const done = login({ ...given.context, stdin: stdin as unknown as NodeJS.ReadStream }).catch(
    (error: unknown) => error,
  );
  return { ...given, done };
};

/** Signs in with a browser and nobody at the prompt. `code` is the exit code, or the error's lines where it failed. */
const signIn = async (mock: SignInMock, name: string, options: Options = {}, stdin = new PassThrough()) => {
  const { done, stdout, stderr } = begin(name, options, stdin);
  const ended = done.then(() => true);
  const address = (): string => /^http:.*localhost.*$/m.exec(stderr())?.[0] ?? '';
  while (address() === '') {
    if (await Promise.race([ended, new Promise<false>((resolve) => setImmediate(resolve, false))])) break;
  }
  if (address() !== '') await fetch(mock.signIn(address()));
  const result = await done;
  return {
    code: result instanceof CcrError ? result.exitCode : result,
    problem: result instanceof CcrError ? result.lines.join() : null,
    stdout: stdout(),
    stderr: stderr(),
  };
};

const mine = 'as me@example.com, Work Org; its login is in the encrypted vault\n';

describe('account login', () => {
  it('adds an account once the browser is back, keeps whose it is, and its tokens with the secrets', async () => {
    const mock = await provider();
    const { code, stdout, stderr } = await signIn(mock, 'home');
    expect({ code, stdout }).toEqual({ code: 0, stdout: `added home, signed in ${mine}` });
    const [account] = kept();
    expect(account).toMatchObject({
      name: 'home',
      kind: 'login',
      login: { accountUuid: 'account-1', organization: 'Work Org', linkedTo: null },
    });
    expect(account && (await secretOf(account))).toMatch(
      /^https:\/\/api\.anthropic\.com \{"accessToken":"sk-ant-oat01-[^"]+","refreshToken":"sk-ant-ort01-/,
    );
    expect(stderr).toContain('Before the first Claude login is added');
    expect(read('audit.log')).toMatch(/"terms.accepted"[^]*"account.added"/);
    const shown = [stdout, stderr, ...['config.json', 'audit.log', 'vault'].map(read)].join();
    expect(shown).not.toMatch(/marker|code-[0-9a-f]/);
  });

  it.each([
    ['no access token', 'access_token', /holds no token; nothing was changed/],
    ['no refresh token', 'refresh_token', /no refresh token, and nothing was changed; claude setup-token/],
  ])('stores nothing when the answer to the code has %s', async (_, field, what) => {
    const mock = await provider();
    mock.fields = { [field]: undefined };
    const before = read('config.json');
    const { code, problem } = await signIn(mock, 'home');
    expect([code, problem]).toEqual([1, expect.stringMatching(what)]);
    expect([read('config.json'), existsSync(file('vault'))]).toEqual([before, false]);
  });

  it('says so when the tokens are too long for a keychain, before anything is stored', async () => {
    const mock = await provider();
    mock.fields = { refresh_token: `sk-ant-ort01-${'x'.repeat(2400)}` };
    const { problem } = await signIn(mock, 'home');
    expect(problem).toMatch(/^the secret is too long/);
    expect([kept(), existsSync(file('vault'))]).toEqual([[], false]);
  });

  it('does nothing without a yes, and shows no address then', async () => {
    const mock = await provider();
    const { context, stderr } = home.context({ positionals: ['home'] });
    await expect(login(context)).rejects.toMatchObject({ code: 'terms_not_accepted' });
    expect(stderr()).not.toContain('authorize');
    expect(mock.exchanges).toEqual([]);
  });

  it('says that nothing could be stored before anybody signs in', async () => {
    const mock = await provider();
    writeFileSync(file('vault'), 'damaged', { mode: 0o600 });
    const { code, problem, stderr } = await signIn(mock, 'home');
    expect([code, problem]).toEqual([69, expect.stringMatching(/^the vault /)]);
    expect(stderr).not.toContain('authorize');
    expect([mock.exchanges, read('vault')]).toEqual([[], 'damaged']);
  });

  it('refuses a bad name before anything is asked', async () => {
    const mock = await provider();
    const { code, stderr } = await signIn(mock, 'a b');
    expect({ code, stderr }).toEqual({ code: 2, stderr: '' });
  });
});

describe('account login of an account that is there', () => {
  it('replaces its login, and keeps its id and settings', async () => {
    const mock = await provider();
    await signIn(mock, 'home');
    const before = kept();
    const secret = before[0] && (await secretOf(before[0]));
    const { code, stdout, stderr } = await signIn(mock, 'home');
    expect({ code, stdout }).toEqual({ code: 0, stdout: `signed in to home again ${mine}` });
    expect(stderr).not.toMatch(/terms|same Claude account/);
    expect(kept()).toEqual(before);
    const after = before[0] && (await secretOf(before[0]));
    expect(after).toMatch(/sk-ant-ort01-/);
    expect(after).not.toBe(secret);
    expect(read('audit.log')).toMatch(/"account.signedIn","account":"home"/);
  });

  it('refuses another Claude account, and takes it with --force', async () => {
    const mock = await provider();
    await signIn(mock, 'home');
    const before = read('config.json');
    Object.assign(mock, { account: { uuid: 'account-2' }, organization: { name: 'Other Org' } });
    const { code, problem } = await signIn(mock, 'home');
    expect(code).toBe(1);
    expect(problem).toMatch(
      /^this is another Claude account \(Other Org\) than home had \(Work Org\), and nothing was changed; /,
    );
    expect(read('config.json')).toBe(before);
    expect((await signIn(mock, 'home', { force: true })).code).toBe(0);
    expect(kept()).toMatchObject([{ login: { accountUuid: 'account-2', organization: 'Other Org' } }]);
  });

  it.each([
    ['yes\n', 0, 'account-2'],
    ['\n', 1, 'account-1'],
  ])('asks at a terminal whether another account is meant: %j', async (said, exitCode, uuid) => {
    const mock = await provider();
    await signIn(mock, 'home');
    mock.account = { uuid: 'account-2' };
    const stdin = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => undefined });
    const signing = signIn(mock, 'home', {}, stdin);
    stdin.on('resume', () => {
      // The second time it is read, it is for the answer: the first one was for a code.
      if (mock.exchanges.length === 2) stdin.write(said);
    });
    expect((await signing).code).toBe(exitCode);
    expect(kept()).toMatchObject([{ login: { accountUuid: uuid } }]);
  });

  it('says that two accounts are the same one', async () => {
    const mock = await provider();
    await signIn(mock, 'home');
    const { stderr } = await signIn(mock, 'more');
    expect(stderr).toMatch(/note: home is the same Claude account; together they have its limits once/);
  });
});

describe('account login --create-api-key', () => {
  const makes = { 'create-api-key': true } as const;

  it('makes a key at the Console, needs no yes, and forgets the login', async () => {
    const mock = await provider();
    const { code, stdout, stderr } = await signIn(mock, 'work', makes);
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: 'added work; its key is in the encrypted vault, and the login is forgotten\n',
    });
    expect(stderr).toMatch(/^You sign in to the Claude Console once\./);
    expect(stderr).toContain(`${mock.url}/oauth/authorize?`);
    expect(stderr).not.toMatch(/Before the first Claude login/);
    const [account] = kept();
    expect(account).toMatchObject({ name: 'work', kind: 'api-key' });
    expect(account).not.toHaveProperty('login');
    expect(account && (await secretOf(account))).toBe(`https://api.anthropic.com ${mock.keys[0]}`);
  });

  it('says that a key was made when it cannot be kept, and shows nothing of it', async () => {
    const mock = await provider();
    mock.onKey = () => writeFileSync(file('vault'), 'damaged', { mode: 0o600 });
    const { code, problem } = await signIn(mock, 'work', makes);
    expect([code, kept(), read('vault')]).toEqual([69, [], 'damaged']);
    expect(problem).toMatch(
      /^the key that was made at the Claude Console was not kept: the vault .*; delete it there/,
    );
    expect(problem).not.toContain('marker');
  });

  it('adds nothing when the Console gives none, and says what it said', async () => {
    const mock = await provider();
    mock.keyAnswer = { status: 403, body: { error: { message: 'no billing' } } };
    const { code, problem } = await signIn(mock, 'work', makes);
    expect([code, kept()]).toEqual([1, []]);
    expect(problem).toMatch(/^the Claude Console gave no key \(403\): no billing; make one there by hand/);
  });
});
