import { describe, expect, it } from 'vitest';
import { useCommandHome } from '../kit/command-home.ts';

const home = useCommandHome({ inPlace: true });
const key = 'sk-ant-api03-abcdefghijklmnop';

const names = async (): Promise<string[]> =>
  ((await home.json(['account', 'list'])) as { name: string }[]).map(({ name }) => name);

describe('account add without an instance', () => {
  it('takes the key from stdin, and says where it lies', async () => {
    const { code, stdout, stderr } = await home.runProgram(['account', 'add', 'work'], `${key}\n`);
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'added work; its key is in the encrypted vault\n' });
    // No keychain answers here: the person must be told what that means.
    expect(stderr).toMatch(/^ccr-tui: .*keychain.*vault.*\n$/);
    expect(await names()).toEqual(['work']);
  });

  it('leaves the key in no file as it is, and in no output', async () => {
    const { stdout, stderr } = await home.run(['account', 'add', 'work', '--json'], `${key}\n`);
    expect(`${stdout}${stderr}`).not.toContain('abcdefgh');
    expect(home.read('config.json')).toContain('work');
    expect(home.snapshot()).not.toContain(Buffer.from(key).toString('base64').slice(4, 20));
    expect(home.read('vault')).not.toContain('abcdefgh');
  });

  it('prints the account with --json', async () => {
    const args = [
      'account',
      'add',
      'relay',
      '--kind',
      'compatible',
      '--base-url',
      'https://relay.example/v1/',
    ];
    const { stdout } = await home.run([...args, '--priority', '5', '--weight', '2', '--json'], 'any-key\n');
    expect(JSON.parse(stdout)).toMatchObject({
      name: 'relay',
      kind: 'compatible',
      baseUrl: 'https://relay.example',
      state: 'ready',
      priority: 5,
      weight: 2,
      windows: [],
    });
  });

  const relay = ['account', 'add', 'relay', '--kind', 'compatible', '--base-url'];
  it.each([
    ['an empty key', ['account', 'add', 'work'], '', 2, /no key came on stdin; /],
    ['a misshaped key', ['account', 'add', 'work'], 'hello\n', 2, /sk-ant-api/],
    ['a login token', ['account', 'add', 'work'], 'sk-ant-oat01-x\n', 2, /login/],
    ['two lines', ['account', 'add', 'work'], `${key}\n${key}\n`, 2, /more than one line/],
    ['a bad name', ['account', 'add', 'a b'], `${key}\n`, 2, /a b/],
    ['an unknown kind', ['account', 'add', 'work', '--kind', 'compatibel'], 'k\n', 2, /compatible/],
    ['no base URL', ['account', 'add', 'x', '--kind', 'compatible'], 'k\n', 2, /--base-url/],
    ['an open base URL', [...relay, 'http://relay.example'], 'k\n', 2, /https/],
    ['a base URL with a password', [...relay, 'https://a:b@relay.example'], 'k\n', 2, /password/],
    [
      'a priority in words',
      ['account', 'add', 'work', '--priority', 'high'],
      'k\n',
      2,
      /--priority: wanted a number/,
    ],
    ['a key with blanks', [...relay, 'https://relay.example'], 'two words\n', 2, /--force/],
  ] as const)('refuses %s in one line and writes nothing', async (_, args, input, code, what) => {
    const ran = await home.run(args, input);
    expect({ code: ran.code, stdout: ran.stdout }).toEqual({ code, stdout: '' });
    expect(ran.stderr).toMatch(/^ccr-tui: [^\n]+\n$/);
    expect(ran.stderr).toMatch(what);
    expect(home.snapshot()).toBe('');
  });

  it('refuses a name that is taken before it asks for the key', async () => {
    await home.addAccount('work');
    const before = home.snapshot();
    const { code, stderr } = await home.run(['account', 'add', 'work'], '');
    expect(code).toBe(1);
    expect(stderr).toMatch(/^ccr-tui: there already is an account work; /);
    expect(home.snapshot()).toBe(before);
  });

  it('takes a key of unusual shape with --force', async () => {
    const args = ['account', 'add', 'relay', '--kind', 'compatible', '--base-url', 'https://relay.example'];
    expect((await home.run([...args, '--force'], 'two words\n')).code).toBe(0);
  });
});

describe('account add of a Claude login', () => {
  const login = {
    accessToken: 'sk-ant-oat01-access-marker',
    refreshToken: 'sk-ant-ort01-refresh-marker',
    expiresAt: Date.now() + 3_600_000,
  };
  const add = (name: string, kind: string, ...options: string[]) => [
    'account',
    'add',
    name,
    '--kind',
    kind,
    ...options,
  ];

  it('shows the notice, adds what was said yes to, and keeps its date and no token', async () => {
    const file = JSON.stringify({ claudeAiOauth: login, mcpOAuth: {} }, null, 2);
    const { code, stdout, stderr } = await home.run(add('home', 'login', '--accept-terms'), file);
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: 'added home; its login is in the encrypted vault\n',
    });
    expect(stderr).toMatch(/Before the first Claude login is added\n/);
    expect(stderr).toMatch(/ccr-tui: note: this is a copy of a login; .* the other one is logged out/);
    const { accounts } = JSON.parse(home.read('config.json')) as { accounts: unknown[] };
    expect(accounts).toMatchObject([
      {
        name: 'home',
        kind: 'login',
        priority: 100,
        login: { termsAcceptedAt: expect.stringMatching(/^20/) },
      },
    ]);
    const audit = home.read('audit.log');
    expect(audit).toMatch(/"terms.accepted".*--accept-terms/);
    expect(`${stdout}${stderr}${home.read('config.json')}${home.read('vault')}${audit}`).not.toMatch(
      /marker/,
    );
  });

  it('does nothing without a yes, exits 2 and names the option', async () => {
    const { code, stdout, stderr } = await home.run(add('home', 'login'), JSON.stringify(login));
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/Claude logins\n.*\n/);
    expect(stderr.trimEnd().split('\n').at(-1)).toMatch(/^ccr-tui: .*needs your yes.*; add --accept-terms/);
    expect(home.snapshot()).toBe('');
  });

  it('asks for the yes once: the next login goes in without it', async () => {
    await home.run(add('home', 'setup-token', '--accept-terms'), 'sk-ant-oat01-token-marker\n');
    const { code, stdout, stderr } = await home.run(
      add('more', 'setup-token'),
      'sk-ant-oat01-second-marker\n',
    );
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: 'added more; its token is in the encrypted vault\n',
    });
    expect(stderr).not.toMatch(/terms/);
    expect(home.read('audit.log').match(/terms.accepted/g)).toHaveLength(1);
  });

  it.each([
    ['a login of another shape', 'login', 'hello', /not the JSON of a login; wanted \{"accessToken"/],
    ['a key for a token', 'setup-token', `${key}\n`, /wanted the one line that claude setup-token prints/],
  ])('refuses %s, with the shape that is wanted', async (_, kind, input, what) => {
    const { code, stderr } = await home.run(add('home', kind, '--accept-terms'), input);
    expect(code).toBe(2);
    expect(stderr).toMatch(what);
    expect(home.snapshot()).not.toContain('config.json');
  });

  it('refuses a bad name before it speaks of terms', async () => {
    const { stderr } = await home.run(add('a b', 'login', '--accept-terms'), JSON.stringify(login));
    expect(stderr).toMatch(/^ccr-tui: [^\n]+\n$/);
  });

  it('asks in a terminal, and shows nothing of the login that is pasted', async () => {
    const terminal = home.typeInto('ccr_tui account add home --kind login');
    await terminal.waitFor((lines) => lines.some((line) => line.startsWith('Go on? Type yes')));
    terminal.send('yes\r');
    await terminal.waitFor((lines) => lines.some((line) => line.includes('login for home (not shown):')));
    terminal.send(`\u001B[200~${JSON.stringify(login, null, 2)}\u001B[201~\r`);
    expect(await terminal.exit).toMatchObject({ code: 0 });
    expect(terminal.raw().toString()).toContain('added home');
    expect(terminal.raw().toString()).not.toContain('marker');
    expect(await names()).toEqual(['home']);
  });

  it('leaves without a yes as if nothing had been asked', async () => {
    const terminal = home.typeInto('ccr_tui account add home --kind setup-token; echo left with $?');
    await terminal.waitFor((lines) => lines.some((line) => line.startsWith('Go on? Type yes')));
    terminal.send('\r');
    await terminal.exit;
    expect(terminal.raw().toString()).toMatch(/no yes was given, and nothing was done[^]*left with 2/);
    expect(home.snapshot()).toBe('');
  });
});

describe('account add with a running instance', () => {
  it('has effect at once, with the checks and the notice of the instance', async () => {
    await home.serve();
    const { code, stdout, stderr } = await home.runProgram(['account', 'add', 'work'], `${key}\n`);
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'added work; its key is in the encrypted vault\n' });
    expect(stderr).toMatch(/vault/);
    expect(await home.json(['status'])).toMatchObject({
      running: true,
      ready: 1,
      accounts: [{ name: 'work', state: 'ready' }],
    });
    const again = await home.run(['account', 'add', 'other'], 'hello\n');
    expect(again.code).toBe(2);
    expect(again.stderr).toMatch(/sk-ant-api/);
    const forced = ['account', 'add', 'odd', '--kind', 'compatible', '--base-url', 'https://relay.example'];
    expect((await home.run([...forced, '--force'], 'two words\n')).code).toBe(0);
    expect(await names()).toEqual(['odd', 'work']);
  });
});

describe('the hidden prompt', () => {
  const asked = (lines: string[]): boolean =>
    lines.some((line) => line.includes('key for work (not shown):'));

  it('shows nothing of a key that is pasted, and takes it literally', async () => {
    const terminal = home.typeInto('ccr_tui account add work');
    await terminal.waitFor(asked);
    terminal.send(`\x1b[200~${key}\x1b[201~`);
    terminal.send('\r');
    expect(await terminal.exit).toMatchObject({ code: 0 });
    expect(terminal.raw().toString()).toContain('added work');
    expect(terminal.raw().toString()).not.toContain('abcd');
    expect(await names()).toEqual(['work']);
  });

  it('refuses a paste of several lines in words', async () => {
    const terminal = home.typeInto('ccr_tui account add work; echo left with $?');
    await terminal.waitFor(asked);
    terminal.send(`\x1b[200~${key}\n${key}\x1b[201~\r`);
    await terminal.exit;
    const raw = terminal.raw().toString();
    expect(raw).toMatch(/ccr-tui: more than one line was pasted; give the key alone, as one line/);
    expect(raw).toContain('left with 2');
    expect(raw).not.toContain('abcd');
  });

  it('gives the terminal back on ctrl+c, exits 130 and adds nothing', async () => {
    const terminal = home.typeInto('ccr_tui account add work; echo left with $?; stty -a');
    await terminal.waitFor(asked);
    terminal.send('sk-ant\x03');
    await terminal.exit;
    const raw = terminal.raw().toString();
    expect(raw).toContain('left with 130');
    expect(raw).toMatch(/[ ;]echo[ ;]/);
    expect(raw).toMatch(/[ ;]icanon[ ;]/);
    // Bracketed paste is switched off again, after it was switched on.
    expect(raw.lastIndexOf('\x1b[?2004l')).toBeGreaterThan(raw.lastIndexOf('\x1b[?2004h'));
    expect(await names()).toEqual([]);
  });
});
