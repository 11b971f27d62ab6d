import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { constants, getPriority } from 'node:os';
import * as pty from '@lydell/node-pty';
import { describe, expect, it } from 'vitest';
import { useCommandHome } from './kit/command-home.ts';
import { programEnvironment, programFile } from './kit/program-environment.ts';
import { isLinux } from './kit/needs.ts';

const home = useCommandHome();
const { run } = home;

// Prints every file and package that the program loads, at its end, on stderr.
const loadSpy = `data:text/javascript,${encodeURIComponent(`
  import { registerHooks } from 'node:module';
  const seen = [];
  registerHooks({ load(url, context, next) { seen.push(url); return next(url, context); } });
  process.on('exit', () => process.stderr.write(seen.join('\\n')));
`)}`;

const loadedBy = async (args: readonly string[]): Promise<string[]> => {
  const { stderr } = await run(args, '', { NODE_OPTIONS: `--import=${loadSpy}` });
  return stderr.split('\n').filter((line) => /^(?:file|node):/.test(line));
};

describe('help and version', () => {
  it('prints the version of the package', async () => {
    const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
      version: string;
    };
    expect(await run(['--version'])).toEqual({ code: 0, signal: null, stdout: `${version}\n`, stderr: '' });
  });

  it('explains the program, a group and a subcommand on stdout, and exits 0', async () => {
    const lines = [[], ['account'], ['run']];
    const results = await Promise.all(lines.map((words) => run([...words, '--help'])));
    for (const { code, stdout, stderr } of results) {
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(stdout).toMatch(/ccr-tui/);
      expect(stdout).toContain('Examples');
    }
  });

  it('loads little for the version, help and a status, and leaves no file behind', async () => {
    const heavy =
      /node_modules\/(?:ink|react|conf|keytar|@github|proper-lockfile)\b|node:(?:sqlite|http|worker_threads)$/;
    for (const args of [['--version'], ['--help'], ['status'], ['nonsense']]) {
      const loaded = await loadedBy(args);
      expect(loaded.filter((url) => heavy.test(url))).toEqual([]);
      expect(loaded.some((url) => url.endsWith('/distribution/cli.js'))).toBe(true);
    }
    expect(home.snapshot()).toBe('');
  });
});

describe('a wrong line', () => {
  it.each([
    [['stauts'], 'ccr-tui: unknown command stauts; did you mean status?\n'],
    [['--prot', '1'], 'ccr-tui: unknown flag --prot; did you mean --port?\n'],
    [['account', 'remove'], 'ccr-tui: account remove needs NAME; usage: ccr-tui account remove NAME\n'],
    [
      ['status', '\x1b[2J'],
      'ccr-tui: status got 1 argument too many; usage: ccr-tui status [--line] [--json]\n',
    ],
    [['\x1b[2J'], 'ccr-tui: unknown command \\x1b[2J; see ccr-tui --help\n'],
  ])('%j is one line on stderr, exit 2', async (args, stderr) => {
    expect(await run(args)).toEqual({ code: 2, signal: null, stdout: '', stderr });
  });
});

describe('an error', () => {
  it('is one line without --debug, and has its trace with it', async () => {
    const plain = await run(['status']);
    expect(plain).toEqual({
      code: 4,
      signal: null,
      stdout: '',
      stderr: 'ccr-tui: not running; start it with ccr-tui or ccr-tui serve\n',
    });
    const traced = await run(['status', '--debug']);
    expect(traced.code).toBe(4);
    expect(traced.stderr).toMatch(/^ccr-tui: not running; start [^\n]+\nCcrError: not running\n +at /);
  });

  it('is a line for each problem of the settings, exit 1, and no byte of them changes', async () => {
    const text = '{"prot": 1, "port": "80a", "drainMs": -1}';
    home.write('config.json', text);
    const commands = [
      ['config', 'check'],
      ['config', 'list'],
      ['config', 'set', 'port', '4280'],
      ['account', 'list'],
      ['account', 'add', 'work'],
      ['status', '--json'],
      ['serve'],
      [],
    ];
    for (const { code, stdout, stderr } of await Promise.all(commands.map((args) => run(args)))) {
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
      const lines = stderr.trimEnd().split('\n');
      expect(lines.map((line) => /^ccr-tui: config\.json: (\w+): .+; .+$/.exec(line)?.[1])).toEqual(
        expect.arrayContaining(['prot', 'port', 'drainMs']),
      );
      expect(lines).toHaveLength(3);
    }
    expect(home.read('config.json')).toBe(text);
  });
});

describe('an output that cannot be written', () => {
  // Only Linux has a device that is always full.
  it.runIf(isLinux())('is an error when the disk is full', async () => {
    const ran = home.typeInto('ccr_tui config list > /dev/full; echo left with $?');
    await ran.waitFor((lines) => lines.some((line) => line.startsWith('left with 1')));
    expect(ran.screen.text()).toMatch(/^ccr-tui: cannot write the output: ENOSPC[^\n]*$/m);
  });
});

describe('a reader that leaves', () => {
  it('ends a command quietly', async () => {
    const child = spawn(process.execPath, [programFile, 'config', 'list', '--json'], {
      env: programEnvironment(home.path),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child.stdout.destroy();
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    const [code] = (await once(child, 'close')) as [number | null];
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });
});

describe('an output that nobody reads', () => {
  it('does not keep lines from ending when asked to', async () => {
    const child = spawn(process.execPath, [programFile, '--port', '0', '--json'], {
      env: programEnvironment(home.path),
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const exit = once(child, 'exit');
    const [first] = (await once(child.stdout, 'data')) as [Buffer];
    child.stdout.pause();
    const { url } = JSON.parse(first.toString()) as { url: string };
    // More rows than a pipe holds.
    for (let sent = 0; sent < 300; sent += 1) {
      const answer = await fetch(`${url}/v1/messages`, { method: 'POST', body: '{"model":"m"}' });
      await answer.arrayBuffer();
    }
    child.kill('SIGTERM');
    expect(await exit).toEqual([0, null]);
  });

  it('does not keep the screen from ending when asked to', async () => {
    const terminal = pty.spawn(process.execPath, [programFile, '--port', '0'], {
      env: { ...programEnvironment(home.path), TERM: 'xterm' },
      cols: 100,
      rows: 30,
    });
    const exit = new Promise((resolve) => {
      terminal.onExit(resolve);
    });
    let drawn = '';
    await new Promise<void>((resolve) => {
      terminal.onData((text) => {
        drawn += text;
        if (drawn.includes('quit')) resolve();
      });
    });
    terminal.pause();
    // Each size is drawn anew, until the terminal holds no more.
    for (let step = 0; step < 80; step += 1) {
      terminal.resize(100 + (step % 9), 30 + (step % 7));
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    terminal.kill('SIGTERM');
    expect(await exit).toMatchObject({ exitCode: 143 });
  });
});

describe('the processor', () => {
  // Says at its end how much of it a program lets others have before itself.
  const prioritySpy = `data:text/javascript,${encodeURIComponent(`
    import { getPriority } from 'node:os';
    process.on('exit', () => process.stderr.write(String(getPriority())));
  `)}`;
  const priorityOf = async (args: readonly string[]): Promise<number> =>
    Number((await run(args, '', { NODE_OPTIONS: `--import=${prioritySpy}` })).stderr);

  it('is left to the proxy by a command that computes for long, and by no other', async () => {
    const own = getPriority();
    expect(await priorityOf(['history'])).toBe(own);
    expect(await priorityOf(['stats'])).toBe(Math.max(own, constants.priority.PRIORITY_BELOW_NORMAL));
  });
});
