import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { useCommandHome } from '../kit/command-home.ts';

const home = useCommandHome({ inPlace: true });
const file = (...parts: string[]): string => join(home.path, ...parts);
const settings = (): string => file('.claude', 'settings.json');
/** The usual folder, named: then they may be carried out in place. */
const connect = (): string[] => ['connect', 'claude-code', '--dir', file('.claude')];
const disconnect = (): string[] => ['disconnect', 'claude-code', '--dir', file('.claude')];
const put = (text: string): void => {
  mkdirSync(file('.claude'), { recursive: true });
  writeFileSync(settings(), text);
};
const envOf = (path = settings()): unknown =>
  (JSON.parse(readFileSync(path, 'utf8')) as { env: unknown }).env;

describe('connect claude-code', () => {
  it('says in three lines what it did, what comes next and how to undo it', async () => {
    const { code, stdout, stderr } = await home.runProgram(['connect', 'claude-code']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.split('\n')).toEqual([
      `Claude Code is connected to http://127.0.0.1:4180 (${settings()})`,
      'nothing listens there yet: start ccr-tui, then claude',
      'undo it with ccr-tui disconnect claude-code',
      '',
    ]);
    expect(envOf()).toEqual({
      ANTHROPIC_BASE_URL: 'http://127.0.0.1:4180',
      ANTHROPIC_AUTH_TOKEN: expect.stringMatching(/^ccr_.{43}$/),
    });
    expect(await home.json(['key', 'list'])).toMatchObject([{ name: 'claude-code' }]);
    const again = await home.run(connect());
    expect(again.stdout).toMatch(/^Claude Code already was connected to /);
  });

  it('takes the address of the instance that runs, and follows it', async () => {
    await home.run(connect());
    const { url } = await home.serve();
    const { code, stdout, stderr } = await home.run(connect());
    expect(code).toBe(0);
    // A port that this start alone has is no place for a file that stays.
    const { port } = new URL(url);
    expect(stderr).toContain(`port ${port}, the settings say 4180: after its next start`);
    expect(stderr).toContain(`ccr-tui config set port ${port} keeps it there`);
    expect(stdout).toContain(`connected to ${url} (`);
    expect(stdout).toContain('start claude anew');
    expect(envOf()).toMatchObject({ ANTHROPIC_BASE_URL: url });
    await home.run(disconnect());
    expect(existsSync(file('.claude'))).toBe(false);
  });

  it('without an instance takes host and port from the settings', async () => {
    await home.run(['config', 'set', 'port', '4999']);
    await home.run(['config', 'set', 'host', '::1']);
    await home.run(connect());
    expect(envOf()).toMatchObject({ ANTHROPIC_BASE_URL: 'http://[::1]:4999' });
    await home.run(['config', 'set', 'port', '0']);
    const picked = await home.run(connect());
    expect(picked.code).toBe(1);
    expect(picked.stderr).toMatch(/^ccr-tui: the port is picked anew at each start.*\n$/);
  });

  it('--dir, else CLAUDE_CONFIG_DIR, else the usual folder', async () => {
    const env = { CLAUDE_CONFIG_DIR: file('by-env') };
    // A folder that is named from where the person is.
    await home.runProgram(['connect', 'claude-code', '--dir', 'by-flag'], '', env);
    expect(existsSync(file('by-flag', 'settings.json'))).toBe(true);
    await home.run(['connect', 'claude-code'], '', env);
    expect(existsSync(file('by-env', 'settings.json'))).toBe(true);
    expect(existsSync(settings())).toBe(false);
    expect((await home.run(['disconnect', 'claude-code'])).code).toBe(3);
    expect((await home.runProgram(['disconnect', 'claude-code', '--dir', 'by-flag'])).code).toBe(0);
    expect(existsSync(file('by-flag'))).toBe(false);
  });

  it('--json says the same to a script', async () => {
    expect(await home.json(connect())).toEqual({
      client: 'claude-code',
      path: settings(),
      url: 'http://127.0.0.1:4180',
      changed: true,
      created: true,
      dryRun: false,
      notes: [],
    });
    expect(await home.json(connect())).toMatchObject({ changed: false, created: false });
    expect(await home.json(disconnect())).toEqual({
      client: 'claude-code',
      path: settings(),
      undone: 'removed',
    });
  });

  it('warns of what would win over it or clash with it, without showing it', async () => {
    const { code, stderr } = await home.run(connect(), '', {
      ANTHROPIC_API_KEY: 'sk-ant-mine',
    });
    expect(code).toBe(0);
    expect(stderr).toMatch(/^ccr-tui: note: ANTHROPIC_API_KEY is set: [^\n]+\n$/);
    expect(stderr).not.toContain('sk-ant-mine');
    put('{"env":{"ANTHROPIC_API_KEY":"sk-ant-theirs"}}');
    const inFile = await home.run(connect());
    expect(inFile.stderr).toMatch(/^ccr-tui: note: ANTHROPIC_API_KEY is set: [^\n]+\n$/);
    expect(inFile.stdout + inFile.stderr).not.toContain('sk-ant-theirs');
  });
});

describe('a key that stands in the settings', () => {
  const token = (): string => (envOf() as Record<string, string>)['ANTHROPIC_AUTH_TOKEN'] ?? '';
  const names = async (): Promise<string[]> =>
    ((await home.json(['key', 'list'])) as { name: string }[]).map(({ name }) => name);
  /** With a folder that is named the place is in it. */
  const name = async (): Promise<string> => (await names())[0] ?? '';
  const ends: [how: string, verb: string, ...flags: string[]][] = [
    ['revoked', 'revoke'],
    ['rotated', 'rotate'],
    ['rotated and valid for a while still', 'rotate', '--grace', '1h'],
  ];

  it.each(ends)('and was %s is made anew, which a dry run says first', async (_, verb, ...flags) => {
    await home.run(connect());
    const [first, made] = [token(), await name()];
    expect((await home.run(['key', verb, made, ...flags])).code).toBe(0);
    const { stdout } = await home.run([...connect(), '--dry-run']);
    expect(stdout).toContain('+    "ANTHROPIC_AUTH_TOKEN": "[a new key]"');
    expect(await home.json(connect())).toMatchObject({ changed: true });
    expect(token()).toMatch(/^ccr_.{43}$/);
    expect(token()).not.toBe(first);
    expect(await names()).toEqual([made]);
    expect(await home.json(connect())).toMatchObject({ changed: false });
    await home.run(disconnect());
    expect(existsSync(file('.claude'))).toBe(false);
    expect(await names()).toEqual([]);
  });

  it('and was revoked is made anew by the instance that runs, which lets it in at once', async () => {
    const { url } = await home.serve();
    const status = async (key: string): Promise<number> =>
      (await fetch(`${url}/v1/models`, { headers: { 'x-api-key': key } })).status;
    await home.run(connect());
    const first = token();
    expect(await status(first)).not.toBe(401);
    await home.run(['key', 'revoke', await name()]);
    expect(await status(first)).toBe(401);
    expect(await home.json(connect())).toMatchObject({ changed: true });
    expect(await status(token())).not.toBe(401);
    expect(await status(first)).toBe(401);
  });

  it('is taken for valid as long as the store that could tell is closed', async () => {
    await home.run(connect());
    const first = token();
    chmodSync(file('vault.key'), 0o644);
    expect(await home.json(connect())).toMatchObject({ changed: false });
    expect(token()).toBe(first);
    await home.run(['key', 'revoke', await name()]);
    chmodSync(file('vault.key'), 0o600);
    expect(await home.json(connect())).toMatchObject({ changed: true });
  });
});

describe('connect --dry-run', () => {
  it('prints a diff that patch takes, without any key, and writes nothing', async () => {
    put('{\r\n  "a": 1,\r\n  "env": {\r\n    "ANTHROPIC_AUTH_TOKEN": "their-own-token"\r\n  }\r\n}');
    const before = home.snapshot();
    const { code, stdout } = await home.run([...connect(), '--dry-run', '--json']);
    expect(code).toBe(0);
    expect(home.snapshot()).toBe(before);
    expect(stdout).not.toContain('their-own-token');
    const { diff, dryRun } = JSON.parse(stdout) as { diff: string; dryRun: boolean };
    expect(dryRun).toBe(true);
    // Masked values apart, git must be able to make the new file from the old one with it.
    const text = diff.replaceAll(settings(), 'settings.json').replace('"[key]"', '"their-own-token"');
    writeFileSync(file('.claude', 'a.diff'), text);
    execFileSync('git', ['apply', '-p0', 'a.diff'], {
      cwd: file('.claude'),
      env: { PATH: process.env['PATH'], HOME: home.path, GIT_CEILING_DIRECTORIES: home.path },
    });
    expect(readFileSync(settings(), 'utf8')).toBe(
      '{\r\n  "a": 1,\r\n  "env": {\r\n    "ANTHROPIC_AUTH_TOKEN": "[a new key]",\r\n    "ANTHROPIC_BASE_URL": "http://127.0.0.1:4180"\r\n  }\r\n}',
    );
  });

  it('shows lines to a person, and says when nothing would change', async () => {
    put('{\n  "a": 1\n}\n');
    const { stdout } = await home.run([...connect(), '--dry-run']);
    expect(stdout).toBe(
      [
        `--- ${settings()}`,
        `+++ ${settings()}`,
        '@@ -1,3 +1,7 @@',
        ' {',
        '-  "a": 1',
        '+  "a": 1,',
        '+  "env": {',
        '+    "ANTHROPIC_BASE_URL": "http://127.0.0.1:4180",',
        '+    "ANTHROPIC_AUTH_TOKEN": "[a new key]"',
        '+  }',
        ' }',
        '',
      ].join('\n'),
    );
    await home.run(connect());
    expect((await home.run([...connect(), '--dry-run'])).stdout).toBe('nothing would change\n');
  });

  it('leaves tabs and line ends in it, and nothing that a terminal would obey', async () => {
    put('{\r\n\t"a": "\\u001b",\r\n\t"b": "\u009b31m\u202e"\r\n}');
    const { stdout } = await home.run([...connect(), '--dry-run']);
    expect(stdout).toContain('-\t"b": "\\x9b31m\\u202e"\r\n');
    expect(stdout).toContain('+\t\t"ANTHROPIC_BASE_URL": "http://127.0.0.1:4180",\r\n');
    expect(stdout).not.toMatch(/[\u001b\u0080-\u009f\u202e]/u);
  });

  it('does not repeat keys that stand beside the change', async () => {
    put('{\n  "env": {\n    "OTHER": "sk-ant-api03-0123456789abcdefghij"\n  }\n}\n');
    const { stdout } = await home.run([...connect(), '--dry-run']);
    expect(stdout).toContain('[secret]');
    expect(stdout).not.toContain('sk-ant-api03');
  });
});

describe('connect codex', () => {
  it('adds a provider to its settings and takes it away again', async () => {
    mkdirSync(file('.codex'));
    writeFileSync(file('.codex', 'config.toml'), 'model = "m"\r\n\r\n[tui]\r\nx = 1');
    const before = readFileSync(file('.codex', 'config.toml'));
    const { stdout, stderr } = await home.run(['connect', 'codex']);
    expect(stdout).toContain('Codex is connected to http://127.0.0.1:4180');
    expect(stderr).toMatch(/^ccr-tui: note: Codex needs the Responses route, [^\n]+\n$/);
    const text = readFileSync(file('.codex', 'config.toml'), 'utf8');
    expect(text).toContain('base_url = "http://127.0.0.1:4180/v1"\r\n');
    expect(text.indexOf('model_provider =')).toBeLessThan(text.indexOf('[tui]'));
    expect((await home.run(['disconnect', 'codex'])).stdout).toContain('byte for byte');
    expect(readFileSync(file('.codex', 'config.toml'))).toEqual(before);
  });

  it('finds its folder by CODEX_HOME', async () => {
    await home.run(['connect', 'codex'], '', { CODEX_HOME: file('cx') });
    expect(statSync(file('cx', 'config.toml')).mode & 0o777).toBe(0o600);
  });
});

describe('what is refused', () => {
  it.each([
    [['connect', 'claude'], 2, /^ccr-tui: this client is not known; .*claude-code/],
    [['connect', '__proto__'], 2, /^ccr-tui: this client is not known; it is one of: claude-code, codex\n/],
    [['connect'], 2, /^ccr-tui: connect needs CLIENT/],
    [['connect', 'claude-code', '--dir', ''], 2, /--dir/],
    [['disconnect', 'codex'], 3, /^ccr-tui: codex is not connected \(/],
  ] as const)('%j: exit %i, one line, nothing written', async (args, exit, what) => {
    const before = home.snapshot();
    const { code, stdout, stderr } = await home.run(args);
    expect({ code, stdout }).toEqual({ code: exit, stdout: '' });
    expect(stderr).toMatch(what);
    expect(stderr).toMatch(/^[^\n]+\n$/);
    expect(home.snapshot()).toBe(before);
  });

  it.each([
    ['an escape', '\x1b[31m', 0, '\\x1b'],
    ['writing from right to left', '\u202ertl', 0, '\\u202e'],
    ['10 KB', 'x'.repeat(10_000), 1, 'cannot be reached (ENAMETOOLONG)'],
  ])('a folder with %s in its name does nothing to the terminal', async (_, name, exit, shown) => {
    const { code, stdout, stderr } = await home.runProgram(['connect', 'claude-code', '--dir', name]);
    expect(code).toBe(exit);
    const said = stdout + stderr;
    expect(said.includes(shown)).toBe(true);
    expect(/[\u001b\u202e]/u.test(said)).toBe(false);
  });

  it.each([
    ['broken', '{"a":', 0o644],
    ['read-only', '{}', 0o444],
    ['no object', '[1]', 0o644],
    ['with comments', '{} // x', 0o644],
  ])('a file that is %s: exit 1, one line that names it, nothing written', async (_, text, mode) => {
    put(text);
    chmodSync(settings(), mode);
    const before = home.snapshot();
    for (const flags of [[], ['--dry-run'], ['--json']]) {
      const { code, stdout, stderr } = await home.run([...connect(), ...flags]);
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
      expect(stderr.startsWith(`ccr-tui: ${settings()} `)).toBe(true);
      expect(stderr).toMatch(/^[^\n]+\n$/);
    }
    expect(home.snapshot()).toBe(before);
  });
});
