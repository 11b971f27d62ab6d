import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { programFile } from '../kit/program-environment.ts';
import { startProgram } from '../kit/program.ts';
import { keys, type Pty } from '../kit/pty.ts';
import { modesLeftOn } from '../kit/screen.ts';
import { shows } from './at-screen.ts';
import { farSsh } from './far-ssh.ts';
import { ask, sdkFor, unlimited, useWorld } from './world.ts';
import { mayMount } from '../kit/needs.ts';

const world = useWorld();
const remote = ['attach', 'me@there'];

const serveOne = async () => {
  const upstream = await world.provider({ work: unlimited });
  await world.add('work', upstream);
  const served = await world.serve();
  return { ...served, request: () => sdkFor(served.url).messages.create(ask('hello')) };
};
const served200 =
  (count: number) =>
  (lines: string[]): boolean =>
    lines.filter((line) => line.includes('200 ok')).length === count;
/** A program that becomes ours with a home that nobody can write to, in a mount namespace of its own. */
const readOnly = `const { spawnSync } = require('node:child_process');
const script = 'mount --bind "$HOME" "$HOME" && mount -o remount,ro,bind "$HOME" && exec "$0" "$1" $ARGUMENTS';
const { status } = spawnSync('unshare', ['-m', 'sh', '-c', script, process.execPath, PROGRAM], { stdio: 'inherit' });
process.exit(status);`;
const readOnlyFile = (): string => {
  const file = join(world.home, 'read-only.cjs');
  if (!existsSync(file)) writeFileSync(file, readOnly.replace('PROGRAM', JSON.stringify(programFile)));
  return file;
};

const leave = async (pty: Pty, code = 0): Promise<void> => {
  pty.send('q');
  expect(await pty.exit).toEqual({ code, signal: 0 });
  expect(modesLeftOn(pty.raw())).toEqual([]);
};

describe('attach', () => {
  it('is a screen on the instance of this home, as many as are wanted, and leaving one ends nothing', async () => {
    const { url, request } = await serveOne();
    const screens = [world.open(['attach']), world.open(['attach', '--read-only'])];
    await Promise.all(screens.map((pty) => pty.waitFor(shows(new URL(url).host))));
    await request();
    await Promise.all(screens.map((pty) => pty.waitFor(served200(1))));
    await leave(screens[0]!);
    await request();
    await screens[1]!.waitFor(served200(2));
    await leave(screens[1]!);
    expect(await world.json(['status'])).toMatchObject([{ running: true, url }]);
  });

  it('to an instance that is killed ends with 1 and says that it did not stop in order', async () => {
    const { program } = await serveOne();
    const lines = world.start(['attach', '--json']);
    await lines.waitForLine('"listening"');
    program.signal('SIGKILL');
    const { code, stderr } = await lines.exit;
    expect(code).toBe(1);
    expect(stderr.trimEnd().split('\n').at(-1)).toBe(
      'ccr-tui: the connection to the running instance was lost; it did not stop in order; start it again with ccr-tui',
    );
  });

  it('with --read-only says so, and why a key changes nothing', async () => {
    await serveOne();
    const pty = world.open(['attach', '--read-only']);
    await pty.waitFor(shows('READ-ONLY'));
    pty.send('p');
    await pty.waitFor(shows('attach without --read-only to pause or resume'));
    const [status] = await world.json<{ accounts: { paused: boolean }[] }>(['status']);
    expect(status?.accounts).toMatchObject([{ paused: false }]);
    await leave(pty);
  });

  it('where nothing runs is one line and exit 4, here and there', async () => {
    const { env } = farSsh(world);
    expect(await world.run(['attach'])).toMatchObject({
      code: 4,
      stdout: '',
      stderr: 'ccr-tui: not running; start it with ccr-tui or ccr-tui serve\n',
    });
    expect(await world.run(remote, '', env)).toMatchObject({
      code: 4,
      stdout: '',
      stderr: 'ccr-tui: not running on me@there; start it there with ccr-tui or ccr-tui serve\n',
    });
  });

  it.each([
    [['attach', '--', '-oProxyCommand=touch x']],
    [['attach', 'me@$(touch x)']],
    [['attach', '--remote-command', 'ccr-tui']],
    [['attach', 'me@there', '--remote-command=']],
    [['attach', 'me@there', 'uname']],
    [['control']],
  ])('%j is refused with exit 2, before anything is started', async (args) => {
    const ssh = farSsh(world);
    const { code, stdout, stderr } = await world.run(args, '', ssh.env);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^ccr-tui: [^\n]+\n$/);
    expect(ssh.calls()).toEqual([]);
  });
});

describe('attach user@host', () => {
  it('runs the far end by ssh, shows what happens there and acts there', async () => {
    const ssh = farSsh(world);
    const { url, request } = await serveOne();
    const pty = world.open(remote, { env: ssh.env });
    await pty.waitFor(shows(`${new URL(url).host} on me@there`));
    expect(ssh.calls()).toEqual(['-- me@there ccr-tui control --stdio']);
    await request();
    await pty.waitFor(served200(1));
    pty.send('p');
    await pty.waitFor(shows(/work.*paused/));
    await leave(pty);
    expect(await world.json(['status'])).toMatchObject([{ running: true, url }]);
  });

  it('prints lines through a pipe, and names another command', async () => {
    const ssh = farSsh(world);
    const { url, request } = await serveOne();
    const command = `env LANG=C '${join(world.home, 'bin', 'ccr-tui')}'`;
    const lines = world.start([...remote, '--json', '--remote-command', command], ssh.env);
    expect(JSON.parse(await lines.waitForLine('"listening"'))).toMatchObject({ url, home: null });
    await request();
    await lines.waitForLine('"outcome":"ok"');
    expect(ssh.calls()).toEqual([`-- me@there ${command} control --stdio`]);
    lines.signal('SIGTERM');
    expect(await lines.exit).toMatchObject({ code: 0, stderr: '' });
  });

  it('that cannot be reached is one line in the words of ssh', async () => {
    const ssh = farSsh(world);
    ssh.fail('banner of there\nme@there: Permission denied (publickey).');
    expect(await world.run(remote, '', ssh.env)).toMatchObject({
      code: 4,
      stdout: '',
      stderr:
        'ccr-tui: ssh me@there: me@there: Permission denied (publickey).; see what ssh -v me@there says\n',
    });
    ssh.fail(null);
    expect(await world.run([...remote, '--remote-command', '/nowhere/ccr-tui'], '', ssh.env)).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(
        /^ccr-tui: ccr-tui was not found on me@there; name it with --remote-command/,
      ),
    });
    expect(await world.run(remote, '', { PATH: '/nowhere' })).toMatchObject({
      code: 1,
      stderr: 'ccr-tui: there is no ssh here; install the OpenSSH client\n',
    });
  });

  it('lets ssh ask for a password on the terminal before the screen opens', async () => {
    const asking = `stty -echo < /dev/tty; printf 'password: ' > /dev/tty; read answer < /dev/tty; stty echo < /dev/tty
[ "$answer" = open-sesame ] || { echo 'Permission denied' >&2; exit 255; }`;
    const ssh = farSsh(world, asking);
    const { url } = await serveOne();
    const pty = world.open(remote, { env: ssh.env });
    await pty.waitFor(shows('password:'));
    expect(pty.screen.alternate()).toBe(false);
    pty.send('open-sesame\r');
    await pty.waitFor((lines) => pty.screen.alternate() && shows(new URL(url).host)(lines));
    expect(pty.raw().toString()).not.toContain('sesame');
    // Nobody can be asked again behind the screen: it ends and says so.
    process.kill(ssh.pid(), 'SIGKILL');
    expect(await pty.exit).toEqual({ code: 1, signal: 0 });
    expect(pty.screen.text().replaceAll('\n', '')).toMatch(/was lost: .*; attach again, so that ssh can ask/);
    const interrupted = world.open(remote, { env: ssh.env });
    await interrupted.waitFor(shows('password:'));
    interrupted.send(keys.ctrlC);
    expect((await interrupted.exit).code).toBe(130);
  });

  it('that loses the connection says so, tries again, and has missed nothing', async () => {
    const ssh = farSsh(world);
    const { request } = await serveOne();
    const pty = world.open(remote, { env: ssh.env });
    await request();
    await pty.waitFor(served200(1));
    ssh.fail('ssh: connect to host there port 22: Connection refused');
    process.kill(ssh.pid(), 'SIGKILL');
    const words = /lost, trying again \(q leaves\): ssh me@there: connect to .*Connection\s+refused/;
    await pty.waitFor((lines) => words.test(lines.join(' ')));
    await request();
    await request();
    expect(served200(1)(pty.screen.lines())).toBe(true);
    pty.send('p');
    await pty.waitFor(shows(/trying again/));
    ssh.fail(null);
    await pty.waitFor((lines) => served200(3)(lines) && !shows('trying again')(lines));
    expect(shows(/events? lost/)(pty.screen.lines())).toBe(false);
    await request();
    await pty.waitFor(served200(4));
    ssh.fail('ssh: connect to host there port 22: Connection refused');
    process.kill(ssh.pid(), 'SIGKILL');
    await pty.waitFor(shows('trying again'));
    pty.send(keys.ctrlC);
    expect((await pty.exit).code).toBe(130);
    expect(modesLeftOn(pty.raw())).toEqual([]);
  });

  it('ends when the instance there does, in order or not, and goes on with one that starts again', async () => {
    const ssh = farSsh(world);
    const { program, port } = await serveOne();
    const pty = world.open(remote, { env: ssh.env });
    await pty.waitFor(shows(`:${port}`));
    // Nobody there for three seconds is the end, and a busy machine may take longer to start the next one.
    ssh.fail('ssh: connect to host there port 22: Connection refused');
    program.signal('SIGKILL');
    await program.exit;
    await pty.waitFor(shows('trying again'));
    const next = await world.serve(['--port', String(port)]);
    ssh.fail(null);
    await pty.waitFor((lines) => shows(`:${port}`)(lines) && !shows('trying again')(lines));
    await sdkFor(next.url).messages.create(ask('after'));
    await pty.waitFor(served200(1));
    next.program.signal('SIGTERM');
    expect(await pty.exit).toEqual({ code: 0, signal: 0 });
    expect(pty.screen.text().trim()).toBe('ccr-tui: the instance has stopped');

    const last = await world.serve();
    const other = world.open(remote, { env: ssh.env });
    await other.waitFor(shows(`:${last.port}`));
    last.program.signal('SIGKILL');
    expect(await other.exit).toEqual({ code: 1, signal: 0 });
    expect(other.screen.text()).toMatch(/the connection to me@there was lost: not running on me@there/);
  });
});

describe('a home', () => {
  it('of 200 bytes has its socket elsewhere, and is attached to all the same', async () => {
    const home = join(world.home, 'h'.repeat(199 - world.home.length));
    mkdirSync(home, { mode: 0o700 });
    const env = { CCR_TUI_HOME: home };
    const { url, program } = await world.serve([], env);
    expect(readFileSync(join(home, 'instance.lock'), 'utf8')).toMatch(/"socket":"[^"]{1,100}"/);
    const pty = world.open(['attach'], { env });
    await pty.waitFor(shows(new URL(url).host));
    program.signal('SIGTERM');
    expect((await pty.exit).code).toBe(0);
  });

  it('behind a symbolic link can be looked at, and nothing starts in it', async () => {
    const { url } = await serveOne();
    const link = join(world.home, 'link');
    symlinkSync(world.home, link);
    const pty = world.open(['attach'], { env: { CCR_TUI_HOME: link } });
    await pty.waitFor(shows(new URL(url).host));
    await leave(pty);
    expect(await world.run(['serve', '--port', '0'], '', { CCR_TUI_HOME: link })).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^ccr-tui: the folder .* is a symbolic link; [^\n]*\n$/),
    });
  });

  // Needs a disk of its own that is switched to read-only: root, and a kernel that lets it mount.
  it.runIf(mayMount())(
    'on a disk that became read-only can be looked at; a start says in one line what is wrong',
    async () => {
      const { url, program } = await serveOne();
      const look = startProgram([], {
        home: world.home,
        file: readOnlyFile(),
        env: { ARGUMENTS: 'attach --json' },
      });
      expect(JSON.parse(await look.waitForLine('"listening"'))).toMatchObject({ url });
      program.signal('SIGTERM');
      expect(await look.exit).toMatchObject({ code: 0 });
      const start = startProgram([], {
        home: world.home,
        file: readOnlyFile(),
        env: { ARGUMENTS: 'serve --port 0' },
      });
      expect(await start.exit).toMatchObject({
        code: 1,
        stdout: '',
        stderr: expect.stringMatching(
          /^ccr-tui: cannot write [^\n]*instance\.lock \(EROFS\); choose another place[^\n]*\n$/,
        ),
      });
    },
  );
});
