import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import {
  explainSshEnd,
  needsPerson,
  openSsh,
  sshArguments,
  sshTarget,
  type SshEnd,
} from '../../source/control/ssh.ts';

const folder = mkdtempSync(join(tmpdir(), 'ccr-ssh-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** An ssh that runs this script instead; resolves with the environment that finds it. */
const standIn = (script: string): Record<string, string> => {
  const bin = mkdtempSync(join(folder, 'bin-'));
  writeFileSync(join(bin, 'ssh'), `#!/bin/sh\n${script}\n`);
  chmodSync(join(bin, 'ssh'), 0o755);
  return { PATH: `${bin}:/usr/bin:/bin`, BIN: bin };
};
const target = sshTarget('me@there');
const start = (script: string, mayAsk = true) => {
  const told: string[] = [];
  const env = standIn(script);
  return { env, told, ...openSsh({ target, env, mayAsk, onWords: (line) => told.push(line) }) };
};
const end = (code: number | null, ...words: string[]): SshEnd => ({
  code,
  signal: null,
  missing: false,
  words,
});

describe('a target', () => {
  test.each([
    'host',
    'me@host',
    'me@host.example.org',
    'ssh://me@host:2222',
    'me@::1',
    'my-box_2',
    'dom\u00e4ne',
  ])('%s is one', (host) => {
    expect(sshArguments(sshTarget(host))).toEqual(['--', host, 'ccr-tui', 'control', '--stdio']);
  });

  test.each([
    '',
    '-oProxyCommand=touch /tmp/x',
    '-v',
    '--',
    'me@-oProxyCommand=x',
    'me@host command',
    'me@host\nProxyCommand x',
    'me@$(id)',
    'me@`id`',
    'me@host;id',
    'me@host|id',
    "me@'host",
    'me@"host',
    'me@host\u0000',
    'me@\u001b[2Jhost',
    `me@${'h'.repeat(300)}`,
  ])('%j is none, exit 2', (host) => {
    expect(() => sshTarget(host)).toThrow(expect.objectContaining({ code: 'usage', exitCode: 2 }));
  });

  test('may have words of its own to start the program with, in one line', () => {
    const own = sshTarget('me@there', 'env CCR_TUI_HOME=/srv/a /opt/node/bin/ccr-tui');
    expect(sshArguments(own)).toEqual(['--', 'me@there', own.command, 'control', '--stdio']);
    for (const command of ['', '  ', 'a\nb', 'a\0']) {
      expect(() => sshTarget('me@there', command)).toThrow(/--remote-command needs/);
    }
  });
});

describe('ssh', () => {
  test('is given exactly its words, and the stream leads to its stdin and from its stdout', async () => {
    const { env, stream, ended } = start('printf "%s\\n" "$@" > "$BIN/argv"; exec cat');
    const seen: Buffer[] = [];
    stream.on('data', (chunk: Buffer) => seen.push(chunk));
    const bytes = Buffer.alloc(3_000_000, 'some bytes\n');
    stream.end(bytes);
    expect(await ended).toEqual({ code: 0, signal: null, missing: false, words: [] });
    await new Promise((resolve) => (stream.closed ? resolve(null) : stream.once('close', resolve)));
    expect(Buffer.concat(seen).equals(bytes)).toBe(true);
    expect(readFileSync(join(env['BIN'] ?? '', 'argv'), 'utf8')).toBe(
      '--\nme@there\nccr-tui\ncontrol\n--stdio\n',
    );
  });

  test('has its words told one by one, safe for a terminal, the last ones in the end', async () => {
    const script = String.raw`printf 'first\r\n\033]0;title\007second\n' >&2; for n in 3 4 5 6 7; do echo line $n >&2; done; printf rest >&2; exit 255`;
    const { told, stream, ended } = start(script);
    stream.resume();
    const { code, words } = await ended;
    expect(code).toBe(255);
    expect(told).toEqual([
      'first',
      String.raw`\x1b]0;title\x07second`,
      ...[3, 4, 5, 6, 7].map((n) => `line ${n}`),
      'rest',
    ]);
    expect(words).toEqual(told.slice(-5));
  });

  test('that floods stderr without a line end is not kept', async () => {
    const { stream, ended } = start('head -c 5000000 /dev/zero | tr "\\0" x >&2; exit 3');
    stream.resume();
    const { words } = await ended;
    expect(words.join('').length).toBeLessThan(5000);
  });

  test('that is not there is one clear error', async () => {
    const { stream, ended } = openSsh({ target, env: { PATH: folder }, mayAsk: true });
    stream.write('hello\n');
    const over = await ended;
    expect(over.missing).toBe(true);
    expect(explainSshEnd(over, target)).toMatchObject({ message: 'there is no ssh here' });
  });

  test('ends when its stream is destroyed', async () => {
    const { stream, ended } = start('trap "" HUP; exec sleep 100');
    stream.destroy();
    expect(await ended).toMatchObject({ code: null });
  });

  test('that leaves stderr open, as a shared connection does, ends all the same', async () => {
    const { env, stream, ended } = start(
      'sleep 60 >/dev/null <&- & echo $! > "$BIN/pid"; echo shared >&2; exit 7',
    );
    stream.resume();
    expect(await ended).toMatchObject({ code: 7, words: ['shared'] });
    // Whoever holds stderr still does; its end is what nobody waited for.
    const holder = Number(readFileSync(join(env['BIN'] ?? '', 'pid'), 'utf8'));
    expect(process.kill(holder, 'SIGKILL')).toBe(true);
  });

  test('may reach the terminal of the person only when it may ask', async () => {
    const session =
      'ps -o sid= -p $$ | tr -d " "; ps -o sid= -p $PPID | tr -d " "; echo "$SSH_ASKPASS_REQUIRE"';
    for (const mayAsk of [true, false]) {
      const { stream, ended } = start(session, mayAsk);
      let text = '';
      stream.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      await ended;
      const [own, parent, askpass] = text.split('\n');
      expect([own === parent, askpass]).toEqual(mayAsk ? [true, ''] : [false, 'never']);
    }
  });
});

test.each([
  [end(4, 'ccr-tui: not running; start it with ccr-tui'), 'no_instance', /^not running on me@there$/],
  [end(127, 'bash: line 1: ccr-tui: command not found'), 'failed', /ccr-tui was not found on me@there/],
  [
    end(255, 'Permission denied (publickey).'),
    'control_refused',
    /^ssh me@there: Permission denied \(publickey\)\.$/,
  ],
  [end(255), 'control_refused', /^ssh me@there failed$/],
  [end(null), 'control_refused', /^ssh me@there failed$/],
  [end(2, 'ccr-tui: unknown command control; see'), 'control_refused', /^me@there: unknown command control/],
  [end(4, 'ccr-tui: it belongs to another user'), 'control_refused', /belongs to another user/],
  [end(0), 'control_refused', /ended with 0/],
] as const)('an end with %j is told as %s', (over, code, message) => {
  expect(explainSshEnd(over, target)).toMatchObject({ code, message: expect.stringMatching(message) });
});

test('what only a person can mend is told from a network that may come back', () => {
  expect(needsPerson(end(255, 'me@there: Permission denied (password).'))).toBe(true);
  expect(needsPerson(end(255, 'Host key verification failed.'))).toBe(true);
  expect(needsPerson(end(255, 'ssh: connect to host there port 22: Connection refused'))).toBe(false);
  expect(needsPerson(end(1, 'permission denied'))).toBe(false);
});
