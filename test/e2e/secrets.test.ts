import { readdirSync, readFileSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { holds } from '../kit/disguises.ts';
import { keys } from '../kit/pty.ts';
import { until, useWorld } from './world.ts';
import { inRun } from '../kit/long-run.ts';

const world = useWorld();
const apiKey = 'sk-ant-api03-MARKEDKEY-0123456789abcdefghijklmnop';
const clientMarkers = {
  authorization: 'Bearer MARKEDBEARER-0123456789',
  'x-api-key': 'sk-ant-api03-MARKEDCLIENT-0123456789',
  cookie: 'session=MARKEDCOOKIE-0123456789',
  'proxy-authorization': 'Basic MARKEDPROXY0123456789',
};
const markers = ['MARKEDKEY', 'MARKEDBEARER', 'MARKEDCLIENT', 'MARKEDCOOKIE', 'MARKEDPROXY'];
const foundIn = (bytes: Buffer | string): string[] => markers.filter((marker) => holds(bytes, marker));

/** Name of each file below the home in which a marker stands. */
const filesWithMarkers = (): string[] =>
  readdirSync(world.home, { recursive: true, encoding: 'utf8' })
    .filter((name) => statSync(join(world.home, name)).isFile())
    .filter((name) => foundIn(readFileSync(join(world.home, name))).length > 0 || foundIn(name).length > 0);

/** The command line of every process of this system that shows a marker. Environments are private to the user. */
const commandLinesWithMarkers = (): string[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const line = readFileSync(join('/proc', pid, 'cmdline'));
        return foundIn(line).length > 0 ? [line.toString()] : [];
      } catch {
        return [];
      }
    });

type Evil = { url: string; seen: string[]; server: Server };
let evil: Evil | null = null;
afterEach(() => {
  evil?.server.closeAllConnections();
  evil?.server.close();
  evil = null;
});

/** A provider that says back, in an error, every header it was sent: as a gateway in debug mode does. */
const startEvil = async (status: number): Promise<Evil> => {
  const seen: string[] = [];
  const server = createServer((request, response) => {
    seen.push(request.rawHeaders.join('\n'));
    request.resume().on('end', () => {
      const echoed = JSON.stringify(request.headers);
      response.writeHead(status, {
        'content-type': 'application/json',
        'request-id': `req_${String(request.headers['x-api-key'])}`,
        'set-cookie': 'upstream=MARKEDCOOKIE-of-the-provider',
      });
      response.end(
        JSON.stringify({ type: 'error', error: { type: 'api_error', message: `bad headers ${echoed}` } }),
      );
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  evil = { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen, server };
  return evil;
};

const ask = (url: string, query = ''): Promise<Response> =>
  fetch(`${url}/v1/messages${query}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'anthropic-version': '2023-06-01', ...clientMarkers },
    body: JSON.stringify({ model: 'claude-haiku-5-5', max_tokens: 9, messages: [] }),
  });

const addAccount = async (upstream: Evil, ...flags: string[]) => {
  const args = ['account', 'add', 'work', '--base-url', upstream.url, ...flags];
  const added = await world.run(args, `${apiKey}\n`);
  expect(added.code).toBe(0);
  return added;
};

describe('credentials', () => {
  it.each(inRun([401, 429], [400, 401, 403, 429, 500]))(
    'stand nowhere after an upstream %i that quotes them all',
    async (status) => {
      const upstream = await startEvil(status);
      const added = await addAccount(upstream, '--json', '--debug');
      const served = await world.serve(['--debug'], { CCR_TUI_LOG: 'debug', NODE_DEBUG: undefined });
      const plain = world.start(['--json', '--debug']);
      await plain.waitForLine('"listening"');

      const response = await ask(served.url);
      // What the provider says is the client's to read, byte for byte; what we keep of it is not.
      await response.text();
      await plain.waitForLine('"outcome"');
      const sent = upstream.seen.join('\n');
      expect(sent).toContain(apiKey);
      for (const marker of markers.slice(1)) expect(sent).not.toContain(marker);

      const looks = await Promise.all(
        [
          ['status', '--json', '--debug'],
          ['status'],
          ['account', 'list', '--json'],
          ['history', '--json', '--debug'],
          ['history'],
          ['config', 'list', '--json'],
        ].map((args) =>
          until(
            () => world.run(args),
            ({ stdout }) =>
              args[0] !== 'history' || stdout.includes('/v1/messages') || stdout.includes('work'),
          ),
        ),
      );
      expect(looks.map(({ code }) => code)).toEqual(looks.map(() => 0));
      for (const { stdout, stderr } of [added, ...looks]) expect(foundIn(stdout + stderr)).toEqual([]);
      expect(commandLinesWithMarkers()).toEqual([]);
      for (const program of [plain, served.program]) {
        program.signal('SIGTERM');
        const { stdout, stderr } = await program.exit;
        expect(foundIn(stdout + stderr)).toEqual([]);
      }
      expect(filesWithMarkers()).toEqual([]);
    },
  );

  it('stand in no byte that the screen draws', async () => {
    const upstream = await startEvil(400);
    await addAccount(upstream);
    const pty = world.open(['--port', '0', '--debug']);
    await pty.waitFor((lines) => lines.some((line) => line.includes('work')));
    const [status] = await until(
      () => world.json<{ url: string | null }>(['status']),
      ([seen]) => (seen?.url ?? null) !== null,
    );
    await (await ask(status!.url!, '?key=sk-ant-api03-MARKEDCLIENT-0123456789')).text();
    await pty.waitFor((lines) => lines.some((line) => / 400 /.test(line)));
    // A key pasted where an id belongs.
    await fetch(`${status!.url!}/v1/models/sk-ant-api03-MARKEDCLIENT-0123456789`).then((got) => got.text());
    await pty.waitFor((lines) => lines.filter((line) => / 400 /.test(line)).length === 2);
    // Into the clipboard, and into files.
    pty.send('2y');
    await pty.waitFor((lines) => lines.some((line) => /c curl/.test(line)));
    pty.send('j');
    await pty.waitFor((lines) => lines.some((line) => /copied the JSON/.test(line)));
    pty.send('yC');
    await pty.waitFor((lines) => lines.some((line) => /wrote curl to/.test(line)));
    pty.send('xh');
    await pty.waitFor((lines) => lines.some((line) => /wrote 2 requests as HAR/.test(line)));
    expect(readdirSync(join(world.home, 'exports'))).toHaveLength(2);
    pty.send(`1${keys.tab}k?${keys.escape}`);
    await world.run(['account', 'pause', 'work']);
    await pty.waitFor((lines) => lines.some((line) => /work.*paused/.test(line)));
    pty.send('q');
    await pty.exit;
    expect(foundIn(pty.raw())).toEqual([]);
    const copied = [
      ...pty
        .raw()
        .toString('latin1')
        .matchAll(/\u001B\]52;c;([^\u0007]*)\u0007/g),
    ];
    const clipboard = copied.map(([, text = '']) => Buffer.from(text, 'base64').toString()).join('');
    expect(clipboard).toContain('"status":400');
    expect(foundIn(clipboard)).toEqual([]);
    expect(filesWithMarkers()).toEqual([]);
  });

  it('are asked for without an echo, and never taken from the command line', async () => {
    const upstream = await startEvil(400);
    const pty = world.open(['account', 'add', 'work', '--base-url', upstream.url]);
    await pty.waitFor((lines) => lines.join('').length > 0);
    pty.send(`${apiKey}\r`);
    expect(await pty.exit).toEqual({ code: 0, signal: 0 });
    expect(foundIn(pty.raw())).toEqual([]);
    expect(filesWithMarkers()).toEqual([]);

    const onLine = await world.run(['account', 'add', 'second', '--key', apiKey]);
    expect(onLine).toMatchObject({ code: 2, stdout: '' });
    const argument = await world.run(['account', 'add', 'second', apiKey]);
    expect(argument).toMatchObject({ code: 2, stdout: '' });
    for (const { stderr } of [onLine, argument]) expect(foundIn(stderr)).toEqual([]);
    expect(await world.json(['account', 'list'])).toMatchObject([[{ name: 'work' }]]);
  });

  it('of a wrong shape are refused without being repeated', async () => {
    for (const input of [
      '',
      '\n',
      'MARKEDKEY not a key\n',
      `${apiKey} trailing\n`,
      `${apiKey}\nMARKEDBEARER\n`,
    ]) {
      const { code, stdout, stderr } = await world.run(['account', 'add', 'work', '--debug'], input);
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
      expect(stderr).toMatch(/^ccr-tui: .+/);
      expect(foundIn(stderr)).toEqual([]);
    }
    expect(filesWithMarkers()).toEqual([]);
  });
});

describe('what is written to disk', () => {
  it('is for its owner alone, whatever the umask', async () => {
    const upstream = await startEvil(400);
    const before = process.umask(0o000);
    try {
      await addAccount(upstream);
      const { url, program } = await world.serve();
      await (await ask(url)).text();
      await world.run(['config', 'set', 'drainMs', '1000']);
      await until(
        () => world.json(['history']),
        (rows) => rows.length === 1,
      );
      const modes = (): string[] =>
        readdirSync(world.home, { recursive: true, encoding: 'utf8' })
          // What is written beside its place may have gone there between the list and the look.
          .flatMap((name) => {
            const stat = statSync(join(world.home, name), { throwIfNoEntry: false });
            return stat === undefined
              ? []
              : [{ name, mode: stat.mode & 0o777, isFolder: stat.isDirectory() }];
          })
          .filter(({ mode, isFolder }) => mode !== (isFolder ? 0o700 : 0o600))
          .map(({ name, mode }) => `${name} ${mode.toString(8)}`);
      const running = readdirSync(world.home);
      expect(running).toEqual(
        expect.arrayContaining(['config.json', 'vault', 'history.sqlite', 'instance.lock', 'control.sock']),
      );
      expect(modes()).toEqual([]);
      program.signal('SIGKILL');
      await program.exit;
      expect(modes()).toEqual([]);
    } finally {
      process.umask(before);
    }
  });

  it('is a home that the program makes itself, 0700 down to the last folder', async () => {
    const inner = join(world.home, 'deep', 'home');
    const before = process.umask(0o000);
    try {
      const program = world.start(['serve', '--port', '0', '--json'], { CCR_TUI_HOME: inner });
      await program.waitForLine('"listening"');
      expect(statSync(inner).mode & 0o777).toBe(0o700);
      program.signal('SIGTERM');
      expect(await program.exit).toMatchObject({ code: 0 });
    } finally {
      process.umask(before);
    }
  });
});
