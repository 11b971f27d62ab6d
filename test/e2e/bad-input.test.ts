import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { programFile } from '../kit/program-environment.ts';
import { quietPort } from '../kit/quiet-port.ts';
import { exchange, requestBytes } from '../kit/raw-client.ts';
import { keyOf, unlimited, useWorld } from './world.ts';

const world = useWorld();
const file = (name: string): string => join(world.home, name);
const oneLine = /^ccr-tui: [^\n]+\n$/;

describe('the command line', () => {
  it.each([
    [['statsu'], 'status'],
    [['acount', 'list'], 'account'],
    [['account', 'lst'], 'account list'],
    [['serve', '--josn'], '--json'],
    [['--prot', '1'], '--port'],
    [['config', 'set', 'strategey', 'spread'], 'strategy'],
    [['config', 'get', 'drainms'], 'drainMs'],
  ])('%j is one line with the nearest name, exit 2, and touches nothing', async (args, nearest) => {
    const { code, stdout, stderr } = await world.inPlace(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(oneLine);
    expect(stderr).toMatch(new RegExp(`did you mean ${nearest.replaceAll('-', '\\-')}\\?`));
    expect(readdirSync(world.home)).toEqual([]);
  });

  it('refuses what an account cannot be, before anything is kept', async () => {
    const key = `${keyOf('work')}\n`;
    const wrong: [string[], string, number, RegExp][] = [
      [['work', '--base-url', 'http://provider.example'], key, 2, /https/],
      [['work', '--base-url', 'ftp://127.0.0.1'], key, 2, /https/],
      [['work', '--base-url', 'https://me:pw@provider.example'], key, 2, /password/],
      [['work', '--base-url', 'nonsense'], key, 2, /not a URL/],
      [['work', '--kind', 'compatibel', '--base-url', 'https://x.example'], key, 2, /compatible/],
      [['work', '--kind', 'passthrough'], key, 2, /passthrough/],
      [['work', '--priority', 'high'], key, 2, /priority/],
      [['two words'], key, 2, /two words/],
      [['\x1b]0;title\x07'], key, 2, /./],
      [['work'], '', 2, /./],
      [['work'], 'sk-ant-oat01-0123456789abcdefghij\n', 2, /sk-ant-api/],
    ];
    const ran = await Promise.all(
      wrong.map(([args, input]) => world.inPlace(['account', 'add', ...args], input)),
    );
    for (const [index, [args, , code, what]] of wrong.entries()) {
      expect({ args, code: ran[index]!.code, stdout: ran[index]!.stdout }).toEqual({
        args,
        code,
        stdout: '',
      });
      expect(ran[index]!.stderr).toMatch(oneLine);
      expect(ran[index]!.stderr).toMatch(what);
      expect(ran[index]!.stderr).not.toContain('\x1b');
    }
    expect(await world.json(['account', 'list'])).toEqual([[]]);
  });

  it('refuses a duplicate name with and without an instance, and keeps the first', async () => {
    const upstream = await world.provider({ work: unlimited });
    await world.add('work', upstream);
    const again = () => world.inPlace(['account', 'add', 'work'], `${keyOf('other')}\n`);
    const alone = await again();
    await world.serve();
    const running = await again();
    for (const { code, stdout, stderr } of [alone, running]) {
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
      expect(stderr).toMatch(oneLine);
      expect(stderr).toContain('work');
    }
    expect(running.stderr).toBe(alone.stderr);
    expect(await world.json(['account', 'list'])).toMatchObject([[{ name: 'work', baseUrl: upstream.url }]]);
  });

  it.each([
    ['pause', 'wrok', 'work'],
    ['resume', 'nobody', null],
    ['remove', 'Work', 'work'],
  ])('account %s %s: there is none of that name, exit 3', async (verb, name, nearest) => {
    const upstream = await world.provider({ work: unlimited });
    await world.add('work', upstream);
    const { code, stderr } = await world.inPlace(['account', verb, name]);
    expect(code).toBe(3);
    expect(stderr).toMatch(oneLine);
    expect(stderr).toContain(nearest === null ? name : `did you mean ${nearest}?`);
    expect(await world.json(['account', 'list'])).toHaveLength(1);
  });
});

describe('the settings file', () => {
  it('has every wrong value named at once with what was wanted; nothing starts, no byte changes', async () => {
    const text = JSON.stringify({
      port: '80a',
      host: 'not a host',
      strategy: 'stickey',
      drainMs: -1,
      bodyLimitMiB: 1e9,
      timeouts: { connectMs: 'soon', first: 1 },
      prot: 1,
      accounts: [{ name: 5 }],
    });
    writeFileSync(file('config.json'), text, { mode: 0o600 });
    for (const args of [['serve'], [], ['config', 'check'], ['account', 'list']]) {
      const { code, stdout, stderr } = await world.run(args);
      expect({ args, code, stdout }).toEqual({ args, code: 1, stdout: '' });
      const lines = stderr.trimEnd().split('\n');
      for (const line of lines) expect(line).toMatch(/^ccr-tui: config\.json: [\w.[\]]+: .+/);
      const named = lines.map((line) => /config\.json: ([\w.[\]]+):/.exec(line)?.[1]);
      expect(named).toEqual(
        expect.arrayContaining([
          'port',
          'host',
          'strategy',
          'drainMs',
          'bodyLimitMiB',
          'timeouts.connectMs',
          'timeouts.first',
          'prot',
        ]),
      );
      expect(stderr).toMatch(/port: .*80a.*65535/);
      expect(stderr).toMatch(/strategy: .*stickey.*sticky/);
    }
    expect(readFileSync(file('config.json'), 'utf8')).toBe(text);
    expect(readdirSync(world.home)).toEqual(['config.json']);
  });

  it.each(['{"port": 4180', '', 'null', '[]', '\x00\x01', '{"port": 4180}\n<<<<<<< HEAD'])(
    'that is broken (%j) is kept as it is, exit 1, by every command that would write it',
    async (text) => {
      writeFileSync(file('config.json'), text, { mode: 0o600 });
      const upstream = { url: 'https://provider.example' };
      const ran = await Promise.all([
        world.run(['serve', '--port', '0']),
        world.inPlace(['config', 'set', 'port', '4280']),
        world.inPlace(['account', 'add', 'work', '--base-url', upstream.url], `${keyOf('work')}\n`),
      ]);
      for (const { code, stdout, stderr } of ran) {
        expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
        expect(stderr).toMatch(/^ccr-tui: config\.json: [^\n]+\n$/);
      }
      expect(readFileSync(file('config.json'), 'utf8')).toBe(text);
      expect(readdirSync(world.home)).toEqual(['config.json']);
    },
  );
});

describe('starting', () => {
  it('on a port in use: one line that names it and says how to choose another, no lock left', async () => {
    const taken = await quietPort();
    const other = createServer().listen(taken, '127.0.0.1');
    await once(other, 'listening');
    const port = String(taken);
    for (const args of [
      ['serve', '--port', port],
      ['--port', port],
    ]) {
      const { code, stdout, stderr } = await world.run(args);
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
      expect(stderr).toMatch(oneLine);
      expect(stderr).toContain(`port ${port}`);
      expect(stderr).toContain('--port');
      expect(existsSync(file('instance.lock'))).toBe(false);
    }
    other.close();
    await world.serve(['--port', port]);
  });

  it('a second serve: exit 75, one line, and the first one is not disturbed', async () => {
    const { url, pid } = await world.serve();
    const second = await world.run(['serve', '--port', '0']);
    expect(second).toMatchObject({ code: 75, stdout: '' });
    expect(second.stderr).toMatch(oneLine);
    expect(second.stderr).toContain(String(pid));
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    expect(await world.json(['status'])).toMatchObject([{ pid, running: true }]);
  });

  it('ten at once in one home: one serves, nine say 75', async () => {
    const programs = Array.from({ length: 10 }, () => world.start(['serve', '--port', '0', '--json']));
    const first = await Promise.any(
      programs.map((program) => program.waitForLine('"listening"').then(() => program)),
    );
    const others = programs.filter((program) => program !== first);
    const codes = await Promise.all(others.map(async ({ exit }) => (await exit).code));
    expect(codes).toEqual(others.map(() => 75));
    expect(await world.json(['status'])).toMatchObject([{ pid: first.pid }]);
  });

  it.each(['0.0.0.0', '::', '192.168.1.10', 'example.com'])(
    'on --host %s is refused before anything listens, exit 2',
    async (host) => {
      const { code, stdout, stderr } = await world.run(['serve', '--port', '0', '--host', host]);
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
      expect(stderr).toMatch(oneLine);
      expect(existsSync(file('instance.lock'))).toBe(false);
    },
  );

  it('in a home that cannot be one is one line, exit 1', async () => {
    writeFileSync(file('a-file'), '');
    symlinkSync(file('gone'), file('link'));
    const places = ['a-file', 'a-file/inside', 'link', 'link/inside'].map(file);
    for (const home of places) {
      const { code, stdout, stderr } = await world.run(['serve', '--port', '0'], '', { CCR_TUI_HOME: home });
      expect({ home, code, stdout }).toEqual({ home, code: 1, stdout: '' });
      expect(stderr).toMatch(oneLine);
    }
  });

  it('under an old Node is one line, exit 1', () => {
    // Debian's own where there is one; else this Node, whose version the program is told to be old.
    const system = '/usr/bin/node';
    const isOld = (node: string): boolean =>
      existsSync(node) && Number(execFileSync(node, ['-p', 'process.versions.node.split(".")[0]'])) < 22;
    const bin = file('bin');
    mkdirSync(bin);
    if (isOld(system)) symlinkSync(system, join(bin, 'node'));
    else {
      const lie = "Object.defineProperty(process.versions,'node',{value:'20.20.2'})";
      const text = `#!/bin/sh\nexec '${process.execPath}' --import "data:text/javascript,${lie}" "$@"\n`;
      writeFileSync(join(bin, 'node'), text, { mode: 0o755 });
    }
    let failure: unknown;
    try {
      execFileSync(join(bin, 'node'), [programFile, 'serve'], { encoding: 'utf8', stdio: 'pipe' });
    } catch (error) {
      failure = error;
    }
    expect(failure).toMatchObject({ status: 1, stdout: '' });
    expect((failure as { stderr: string }).stderr).toMatch(
      /^ccr-tui: needs Node\.js 22\.19 or newer; [^\n]+\n$/,
    );
  });
});

describe('a hostile request', () => {
  it('reaches neither an account nor the control of the program', async () => {
    const upstream = await world.provider({ work: unlimited });
    await world.add('work', upstream);
    const { port } = await world.serve();
    const host = `127.0.0.1:${port}`;
    const body = '{"model":"claude-haiku-5-5","max_tokens":1,"messages":[]}';
    const hostile: [number, Record<string, string>][] = [
      [421, { host: 'evil.example' }],
      [421, { host: `evil.example:${port}` }],
      [421, { host: '127.0.0.1.evil.example' }],
      [403, { host, origin: 'https://evil.example' }],
      [403, { host, origin: 'null' }],
      [403, { host, origin: 'http://localhost.evil.example' }],
      [403, { host, 'sec-fetch-site': 'cross-site' }],
    ];
    for (const path of ['/v1/messages', '/', '/healthz', '/readyz', '/v1/models', '/status']) {
      for (const [status, headers] of hostile) {
        const method = path === '/v1/messages' ? 'POST' : 'GET';
        const answer = await exchange(
          port,
          requestBytes(method, path, headers, method === 'POST' ? body : ''),
        );
        expect({ path, headers, status: answer.status }).toEqual({ path, headers, status });
        expect(answer.bytes.toString()).not.toMatch(/access-control-allow-origin/i);
      }
    }
    expect(upstream.requests).toEqual([]);
    expect(await world.json(['history'])).toEqual([]);
    expect((await fetch(`http://${host}/healthz`)).status).toBe(200);
  });
});
