import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { programFile } from '../kit/program-environment.ts';
import { shows } from './at-screen.ts';
import { ask, sdkFor, unlimited, until, useWorld } from './world.ts';
import { needs } from '../kit/needs.ts';

const sshd = ['/usr/sbin/sshd', '/usr/local/sbin/sshd'].find((path) => existsSync(path)) ?? null;
const privilegeFolder = '/run/sshd';
const root = process.getuid?.() === 0;
const usable = needs(
  'an OpenSSH server',
  sshd !== null && spawnSync('ssh', ['-V']).status === 0 && (!root || makesFolder()),
);

/** An sshd of root wants this folder, which the start of the system makes. */
function makesFolder(): boolean {
  try {
    mkdirSync(privilegeFolder, { recursive: true, mode: 0o755 });
    return true;
  } catch {
    return false;
  }
}

const world = useWorld();
let server: ChildProcess | null = null;
afterEach(() => {
  server?.kill();
  server = null;
});

const freePort = async (): Promise<number> => {
  const probe = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => probe.once('listening', resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
};
const answers = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('data', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });

/** A real sshd for this user, and the environment in which \`ssh there\` leads to it. */
const startServer = async (authorized = '') => {
  const folder = join(world.home, 'sshd');
  mkdirSync(join(folder, 'bin'), { recursive: true, mode: 0o700 });
  const file = (name: string): string => join(folder, name);
  for (const key of ['host', 'own']) {
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', file(key)]);
  }
  execFileSync('sh', ['-c', '(printf "%s" "$0"; cat own.pub) > authorized', authorized], { cwd: folder });
  const port = await freePort();
  writeFileSync(
    file('sshd_config'),
    `ListenAddress 127.0.0.1:${port}\nHostKey ${file('host')}\nAuthorizedKeysFile ${file('authorized')}
PidFile none\nUsePAM no\nStrictModes no\nPasswordAuthentication no\nKbdInteractiveAuthentication no
PermitRootLogin prohibit-password\n`,
  );
  writeFileSync(
    file('ssh_config'),
    `Host there\n  HostName 127.0.0.1\n  Port ${port}\n  User ${userInfo().username}\n  IdentityFile ${file('own')}
  IdentitiesOnly yes\n  UserKnownHostsFile ${file('known')}\n  GlobalKnownHostsFile /dev/null\n  StrictHostKeyChecking accept-new\n`,
  );
  // ssh looks for its settings where the user database says, whatever HOME is.
  writeFileSync(file('bin/ssh'), `#!/bin/sh\nexec /usr/bin/ssh -F '${file('ssh_config')}' "$@"\n`);
  chmodSync(file('bin/ssh'), 0o755);
  const start = async (): Promise<ChildProcess> => {
    const child = spawn(sshd ?? '', ['-D', '-e', '-f', file('sshd_config')], { stdio: 'ignore' });
    await until(() => answers(port), Boolean);
    return child;
  };
  server = await start();
  return { env: { PATH: `${file('bin')}:${process.env['PATH'] ?? ''}` }, start };
};

const command = (): string => `env CCR_TUI_HOME='${world.home}' '${process.execPath}' '${programFile}'`;

// A person's machine may have no sshd; .ci/run installs one.
describe.runIf(usable)('attach over a real OpenSSH server', () => {
  it('shows what happens there, loses the connection with it, and goes on when it is back', async () => {
    const upstream = await world.provider({ work: unlimited });
    await world.add('work', upstream);
    const { url } = await world.serve();
    const { env, start } = await startServer();
    const pty = world.open(['attach', 'there', '--remote-command', command()], {
      env,
      columns: 120,
      rows: 30,
    });
    await pty.waitFor(shows(new URL(url).host));
    await sdkFor(url).messages.create(ask('one'));
    await pty.waitFor(shows('200 ok'));
    const gone = once(server!, 'exit');
    server?.kill('SIGKILL');
    await gone;
    // A server forks for each connection: what ends it is the end of the process at the near end.
    spawnSync('pkill', ['-P', String(pty.pid), '-x', 'ssh']);
    await pty.waitFor(shows(/lost, trying again \(q leaves\): ssh there: .*Connection refused/));
    await sdkFor(url).messages.create(ask('two'));
    server = await start();
    await pty.waitFor(
      (lines) => lines.filter((line) => line.includes('200 ok')).length === 2 && !shows('trying')(lines),
    );
    pty.send('q');
    expect(await pty.exit).toEqual({ code: 0, signal: 0 });
  });

  it('may only read where the key there says so, whatever the near end asks for', async () => {
    await world.serve();
    const forced = `restrict,command="${command()} control --stdio --read-only" `;
    const { env } = await startServer(forced);
    const pty = world.open(['attach', 'there'], { env });
    await pty.waitFor(shows('READ-ONLY'));
    pty.send('q');
    expect((await pty.exit).code).toBe(0);
  });
});
