import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { awkwardText, hostileCharacter, hostileText } from '../kit/hostile-text.ts';
import type { Pty } from '../kit/pty.ts';
import { connectRaw, exchange } from '../kit/raw-client.ts';
import { startRawUpstream } from '../kit/raw-upstream.ts';
import { shows } from './at-screen.ts';
import { keyOf, until, useWorld } from './world.ts';

const world = useWorld();
const payloads = [...hostileText, ...awkwardText].map(([, text]) => text);
const canary = 'sk-ant-api03-canary-in-a-query-0123456789';

// All that the screen itself may say to a terminal: move, erase, the modes of its frame, and the 16 colours with bold, dim
// and inverse. Whatever is left of ESC, or of the other controls, came from outside.
const colours = /\x1b\[(?:(?:0|1|2|7|22|27|39|3[0-7]|9[0-7])(?:;|m))+/g;
const own = /\x1b\[(?:\d*(?:;\d+)?[A-HJK]|\?(?:25|1004|1049|2004|2026)[hl])/g;

/** What of these bytes neither the screen says itself nor is harmless text; nothing, where all is well. */
const foreign = (bytes: Buffer, allowed: readonly RegExp[]): string | undefined => {
  let text = bytes.toString('utf8');
  for (const sequence of allowed) text = text.replaceAll(sequence, '');
  const lines = text.replaceAll(/\r?\n/g, ' ');
  const at = lines.search(hostileCharacter);
  return at < 0 ? undefined : JSON.stringify(lines.slice(Math.max(0, at - 40), at + 20));
};
const foreignLine = (output: string): string | undefined => foreign(Buffer.from(output), []);

/** An upstream that says the text in all places where it can: reason, header, error. */
const startUpstream = () =>
  startRawUpstream(async (connection, index) => {
    const text = payloads[index % payloads.length] ?? '';
    await connection.message();
    const message = JSON.stringify({
      type: 'error',
      error: { type: 'invalid_request_error', message: text },
    });
    const visible = Buffer.from(text).filter((byte) => byte >= 0x20 && byte !== 0x7f);
    await connection.send(
      Buffer.concat([
        Buffer.from('HTTP/1.1 400 '),
        visible,
        Buffer.from('\r\nrequest-id: req_'),
        visible,
        Buffer.from(
          `\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(message)}\r\n`,
        ),
        Buffer.from(`connection: close\r\n\r\n${message}`),
      ]),
    );
    connection.end();
  });

/** A request whose every part that a client decides is the text; bytes that no HTTP carries are left out of its head. */
const requestWith = (text: string, port: number): Buffer => {
  const inHead = Buffer.from(text).filter((byte) => byte >= 0x20 && byte !== 0x7f);
  // A control of 8 bits as one byte, as it is in Latin-1.
  const eightBit = Buffer.from(text.replaceAll(/[^\x80-\xff]/g, ''), 'latin1');
  const body = Buffer.from(
    JSON.stringify({
      model: text,
      max_tokens: 5,
      messages: [{ role: 'user', content: text }],
      metadata: { user_id: JSON.stringify({ session_id: text }) },
    }),
  );
  return Buffer.concat([
    Buffer.from(
      `POST /v1/messages?beta=${encodeURIComponent(text.toWellFormed())}&api_key=${canary} HTTP/1.1\r\n`,
    ),
    Buffer.from(
      `host: 127.0.0.1:${port}\r\nx-api-key: ccr\r\nanthropic-version: 2023-06-01\r\nuser-agent: x/`,
    ),
    inHead,
    eightBit,
    Buffer.from('\r\nx-claude-code-session-id: s'),
    inHead,
    eightBit,
    Buffer.from(`\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n`),
    body,
  ]);
};

/** In each request row the status stands under its title: nothing in a row was wider than it should be. */
const expectColumns = (pty: Pty, columns: number, rows: number): void => {
  const lines = pty.screen.lines();
  expect(lines).toHaveLength(rows);
  expect(lines[0]).toMatch(/^ ?(?:(?:ccr-tui +)?127\.0\.0\.1)?:\d+ /);
  expect(lines.at(-1)).toContain('quit');
  expect(pty.screen.scrollback()).toBe(0);
  const title = lines.find((line) => line.includes('status') && line.includes('model'));
  if (title === undefined) return;
  const left = title.indexOf('status');
  const statuses = lines.flatMap((line, row) => {
    if (!/^.? \d\d:\d\d:\d\d /.test(line) || !line.includes('400')) return [];
    return [[0, 1, 2].map((offset) => pty.screen.cell(left + offset, row)?.text).join('')];
  });
  expect(statuses.length).toBeGreaterThan(3);
  expect(new Set(statuses)).toEqual(new Set(['400']));
  expect(columns).toBeGreaterThan(left);
};

describe('text from outside', () => {
  it('does nothing to any terminal, log or line, wherever it stands in a request or an answer', async () => {
    const upstream = await startUpstream();
    await world.add('work', upstream);
    const { url, port, program } = await world.serve();
    const mono = world.open([], { env: { NO_COLOR: '1' } });
    const coloured = world.open([], { columns: 60, rows: 20 });
    const tiny = world.open(['--ascii'], { columns: 30, rows: 6 });
    const plain = world.start(['--plain']);
    const json = world.start(['--json']);
    await Promise.all([mono, coloured, tiny].map((pty) => pty.waitFor(shows('quit'))));
    await Promise.all([plain, json].map((each) => each.waitForLine('listening')));

    for (const text of payloads) {
      const { status } = await exchange(port, requestWith(text, port));
      expect({ text, status }).toEqual({ text, status: 400 });
    }
    const count = payloads.length;
    await until(
      () => json.stdout().split('\n').length,
      (lines) => lines > count + 1,
    );
    await Promise.all([mono, coloured, tiny].map((pty) => pty.waitFor(shows(`${count} err`))));
    // Each part of some of them, in a page of its own.
    for (const pty of [mono, tiny]) pty.send('2G\r');
    await Promise.all([mono, tiny].map((pty) => pty.waitFor(shows('Esc back'))));
    for (let n = 0; n < 4; n += 1) {
      const before = mono.screen.text();
      for (const pty of [mono, tiny]) pty.send('kkkkkkk');
      await mono.waitFor((lines) => lines.join('\n') !== before);
    }
    for (const pty of [mono, tiny]) pty.send('\x1b');
    await Promise.all([mono, tiny].map((pty) => pty.waitFor(shows('quit'))));

    expect(foreign(mono.raw(), [own])).toBeUndefined();
    expect(foreign(coloured.raw(), [own, colours])).toBeUndefined();
    expect(foreign(tiny.raw(), [own, colours])).toBeUndefined();
    expectColumns(mono, 100, 30);
    expectColumns(coloured, 60, 20);
    expectColumns(tiny, 30, 6);

    for (const pty of [mono, coloured, tiny]) pty.send('q');
    await Promise.all([mono, coloured, tiny].map((pty) => pty.exit));
    for (const each of [plain, json, program]) each.signal('SIGTERM');
    const ends = await Promise.all([plain.exit, json.exit, program.exit]);
    const commands = [
      ['status'],
      ['status', '--json'],
      ['history'],
      ['history', '--json'],
      ['account', 'list'],
    ];
    const told = await Promise.all(commands.map((args) => world.run(args)));
    for (const { stdout, stderr } of [...ends, ...told]) {
      expect(foreignLine(stdout)).toBeUndefined();
      expect(foreignLine(stderr)).toBeUndefined();
      expect(stdout + stderr).not.toContain(canary);
    }
    for (const pty of [mono, coloured, tiny]) expect(pty.raw().toString()).not.toContain(canary);
    // One row for each request, none torn in two.
    expect(ends[1].stdout.trim().split('\n')).toHaveLength(count + 2);
    expect(told[3]?.stdout.trim().split('\n')).toHaveLength(count);
    expect(url).toContain(String(port));
    await upstream.close();
  });

  it('is shown as what it is, not swallowed', async () => {
    const upstream = await startUpstream();
    await world.add('work', upstream);
    const { port } = await world.serve();
    const plain = world.start(['--plain']);
    await plain.waitForLine('listening');
    await exchange(port, requestWith('\x1b[31mred', port));
    expect(await plain.waitForLine('\\x1b[31mred')).toMatch(/work .*400/);
    await upstream.close();
  });

  it('in a command line comes back harmless', async () => {
    const sayable = payloads.filter((text) => !text.includes('\0') && text.isWellFormed());
    for (let n = 0; n < sayable.length; n += 8) {
      const text = sayable.slice(n, n + 8).join('');
      const lines = [
        ['account', 'add', text],
        ['account', 'pause', text],
        ['config', 'set', text, text],
        ['config', 'get', text],
        [text],
      ];
      const ends = await Promise.all(lines.map((args) => world.run(args, `${keyOf('work')}\n`)));
      for (const { code, stdout, stderr } of ends) {
        expect({ text, code }).not.toEqual({ text, code: 0 });
        expect(foreignLine(stdout)).toBeUndefined();
        expect(foreignLine(stderr)).toBeUndefined();
      }
    }
  });

  it('in the name of the home comes back harmless', async () => {
    const home = join(world.home, 'a\x1b]0;owned\x07b\u202ec');
    await mkdir(home, { mode: 0o700 });
    const env = { CCR_TUI_HOME: home };
    for (const args of [
      ['status'],
      ['serve', '--port', 'x'],
      ['account', 'pause', 'none'],
      ['config', 'check'],
    ]) {
      const { stdout, stderr } = await world.run(args, '', env);
      expect(foreignLine(stdout)).toBeUndefined();
      expect(foreignLine(stderr)).toBeUndefined();
    }
    const program = world.start(['serve', '--port', '0', '--json'], env);
    const line = await program.waitForLine('listening');
    expect(foreignLine(line)).toBeUndefined();
    expect(JSON.parse(line)).toMatchObject({ home });
  });

  it('in bytes that are no HTTP ends that connection, and is nowhere', async () => {
    const { port, program } = await world.serve();
    const pty = world.open([]);
    await pty.waitFor(shows('quit'));
    for (const text of payloads) {
      const raw = await connectRaw(port);
      await raw.send(Buffer.from(`GET /${text} HTTP/1.1\r\n${text}: ${text}\r\n\r\n`));
      raw.end();
      await raw.closed;
    }
    pty.send('q');
    await pty.exit;
    expect(foreign(pty.raw(), [own, colours])).toBeUndefined();
    program.signal('SIGTERM');
    const { stdout, stderr, code } = await program.exit;
    expect(foreignLine(stdout) ?? foreignLine(stderr)).toBeUndefined();
    expect(code).toBe(0);
  });
});
