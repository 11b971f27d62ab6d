import { describe, expect, it } from 'vitest';
import { useCommandHome } from '../kit/command-home.ts';
import { startSignInMock, type SignInMock } from '../kit/sign-in-mock.ts';

const home = useCommandHome();

/** A provider at which one signs in, in the settings of this home. */
const provider = async (): Promise<SignInMock> => {
  const mock = await startSignInMock();
  const entries = Object.entries(mock.settings()).map(([key, value]) => [key.replace('oauth.', ''), value]);
  home.write('config.json', JSON.stringify({ oauth: Object.fromEntries(entries) as unknown }));
  return mock;
};

const login = (name: string, ...options: string[]): string[] => [
  'account',
  'login',
  name,
  '--no-browser',
  '--accept-terms',
  ...options,
];

/** Runs it with nobody at the prompt; a browser signs in at the address that is shown. */
const signIn = async (mock: SignInMock, args: readonly string[]) => {
  const program = home.start(args);
  program.closeInput();
  const address = await program.waitForLine(/^http:.*localhost/, { from: 'stderr' });
  const page = await fetch(mock.signIn(address));
  return { ...(await program.exit), page: page.status };
};

type Kept = { name: string; id: string; kind: string; login?: Record<string, unknown> };
const kept = (): Kept[] => (JSON.parse(home.read('config.json')) as { accounts: Kept[] }).accounts ?? [];
const audit = (): string => home.read('audit.log');

describe('account login with a running instance', () => {
  it('brings back a login that has ended, and serves with the new one at once', async () => {
    const mock = await provider();
    const { url } = await home.serve();
    const ask = (): Promise<Response> =>
      fetch(`${url}/v1/messages`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'user-agent': 'claude-cli/2.1.0 (external, cli)' },
        body: JSON.stringify({ model: 'claude-haiku-4-5', max_tokens: 1, messages: [] }),
      });
    const ready = async (): Promise<number> => (await fetch(`${url}/readyz`)).status;
    // Over before it is used, and this provider renews none.
    mock.fields = { expires_in: 0.001 };
    expect((await signIn(mock, login('home', '--base-url', mock.url))).code).toBe(0);
    await expect.poll(ready, { timeout: 10_000 }).toBe(503);
    const status = (): Promise<unknown> => home.json(['status']);
    await expect
      .poll(status, { timeout: 10_000 })
      .toMatchObject({ accounts: [{ name: 'home', state: 'needs-login' }] });
    expect((await ask()).status).toBe(503);
    mock.fields = {};
    const { code, stdout } = await signIn(mock, login('home', '--json'));
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ name: 'home', kind: 'login', state: 'ready' });
    await ask();
    expect((await signIn(mock, login('home'))).code).toBe(0);
    await ask();
    const [first, second] = mock.served;
    expect(mock.served).toEqual([first, second].map(() => expect.stringMatching(/^Bearer sk-ant-oat01-/)));
    expect(second).not.toBe(first);
    expect(audit()).toMatch(/"account.signedIn","account":"home"/);
  });
});

describe('account login in a terminal', () => {
  const addresses = (raw: string): string[] => raw.match(/http:\S+/g) ?? [];
  const start = async (mock: SignInMock, line: string) => {
    const terminal = home.typeInto(line);
    await terminal.waitFor((lines) => lines.some((text) => text.includes('code (not shown):')));
    const [callback = '', paste = ''] = addresses(terminal.raw().toString());
    const listener = new URL(callback).searchParams.get('redirect_uri') ?? '';
    return { terminal, callback, code: mock.codeFrom(paste), listener };
  };
  const line = `ccr_tui ${login('home').join(' ')}; echo left with $?; stty -a`;

  it('takes a pasted code and does not show it', async () => {
    const mock = await provider();
    const { terminal, code, listener } = await start(mock, line);
    terminal.send(`\u001B[200~${code}\u001B[201~\r`);
    await terminal.exit;
    const raw = terminal.raw().toString();
    expect(raw).toMatch(/added home, signed in as me@example\.com[^]*left with 0/);
    expect(raw).not.toMatch(/code-[0-9a-f]{8}|marker/);
    await expect(fetch(listener)).rejects.toThrow('fetch failed');
  });

  it('gives the terminal back when the browser is first', async () => {
    const mock = await provider();
    const { terminal, callback } = await start(mock, line);
    await fetch(mock.signIn(callback));
    await terminal.exit;
    const raw = terminal.raw().toString();
    expect(raw).toMatch(/added home[^]*left with 0/);
    expect(raw).toMatch(/[ ;]echo[ ;]/);
    expect(raw).toMatch(/[ ;]icanon[ ;]/);
  });

  it('ends with ctrl+c: exit 130, terminal restored, listener gone, nothing added', async () => {
    const mock = await provider();
    const { terminal, listener } = await start(mock, line);
    terminal.send('\u0003');
    await terminal.exit;
    const raw = terminal.raw().toString();
    expect(raw).toContain('left with 130');
    expect(raw).toMatch(/[ ;]echo[ ;]/);
    expect(raw.lastIndexOf('\u001B[?2004l')).toBeGreaterThan(raw.lastIndexOf('\u001B[?2004h'));
    await expect(fetch(listener)).rejects.toThrow('fetch failed');
    expect(kept()).toEqual([]);
  });
});
