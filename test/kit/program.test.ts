import { existsSync } from 'node:fs';
import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { runProgram, startProgram } from './program.ts';
import { keys, startPty } from './pty.ts';
import { temporaryHome, type TemporaryHome } from './temporary-home.ts';

let home: TemporaryHome;
let file: string;
const script = async (source: string): Promise<void> => {
  file = join(home.path, 'program.mjs');
  await writeFile(file, source);
};
beforeEach(async () => {
  home = await temporaryHome();
});
afterEach(() => home.remove());

test('a home is a private empty folder that leaves nothing behind', async () => {
  expect((await stat(home.path)).mode & 0o777).toBe(0o700);
  expect(home.path.length).toBeLessThan(60);
  await writeFile(join(home.path, 'x'), '');
  await home.remove();
  expect(existsSync(home.path)).toBe(false);
});

test('a program gets its input, its home and nothing that would steer it; its output and exit come back', async () => {
  process.env.CCR_TUI_PORT = '1';
  process.env.ANTHROPIC_API_KEY = 'x';
  await script(`
    let input = '';
    for await (const part of process.stdin) input += part;
    const { CCR_TUI_HOME, CCR_TUI_PORT, ANTHROPIC_API_KEY, NODE_ENV, EXTRA } = process.env;
    console.log(JSON.stringify({ input, CCR_TUI_HOME, CCR_TUI_PORT, ANTHROPIC_API_KEY, NODE_ENV, EXTRA, argv: process.argv.slice(2) }));
    console.error('grüße');
    process.exitCode = 3;
  `);
  const { code, stdout, stderr } = await runProgram(['a', 'b c'], {
    home: home.path,
    file,
    input: 'line\n',
    env: { EXTRA: 'e' },
  });
  delete process.env.CCR_TUI_PORT;
  delete process.env.ANTHROPIC_API_KEY;
  expect([code, stderr]).toEqual([3, 'grüße\n']);
  expect(JSON.parse(stdout)).toEqual({
    input: 'line\n',
    CCR_TUI_HOME: home.path,
    EXTRA: 'e',
    argv: ['a', 'b c'],
  });
});

test('lines are awaited, input is typed later, a signal ends it', async () => {
  await script(`
    process.stdin.on('data', (data) => console.log('got ' + data.toString().trim()));
    process.stdout.write('half ');
    console.log('ready');
  `);
  const program = startProgram([], { home: home.path, file, input: null });
  expect(await program.waitForLine(/^half ready$/)).toBe('half ready');
  program.write('one\n');
  await program.waitForLine('got one');
  expect(await program.waitForLine('ready')).toBe('half ready');
  program.signal('SIGTERM');
  expect(await program.exit).toMatchObject({ code: null, signal: 'SIGTERM' });
  await expect(program.waitForLine('never')).rejects.toThrow('it ended with SIGTERM');
  await program.stop();
});

test('a program that does not end is killed and reported', async () => {
  await script('setInterval(() => {}, 1000); console.log("here");');
  const late = runProgram([], { home: home.path, file, timeoutMs: 300 });
  await expect(late).rejects.toThrow('ran over 300 ms');
  const program = startProgram([], { home: home.path, file });
  await program.waitForLine('here');
  await expect(program.waitForLine('never', { timeoutMs: 1 })).rejects.toThrow('1 ms passed\nhere');
  await program.stop();
  expect((await program.exit).signal).toBe('SIGKILL');
});

test('in a terminal: screen, keys, size, alternate screen, raw bytes and exit code', async () => {
  await script(`
    process.stdin.setRawMode(true);
    const size = () => process.stdout.columns + 'x' + process.stdout.rows;
    process.stdout.write('\\x1b[?1049h\\x1b[?25l\\x1b[2;3H\\x1b[31mgröße ' + size() + '\\x1b[0m');
    process.stdout.on('resize', () => process.stdout.write('\\x1b[3;1Hnow ' + size()));
    process.stdin.on('data', (data) => {
      process.stdout.write('\\x1b[4;1Hkey ' + JSON.stringify(data.toString()));
      if (data.toString() === 'q') {
        process.stdout.write('\\x1b[?1049l\\x1b[?25hbye\\n', () => process.exit(7));
      }
    });
  `);
  const pty = startPty([file], { home: home.path, columns: 60, rows: 10, command: process.execPath });
  const lines = await pty.waitFor((now) => now[1] === '  größe 60x10');
  expect(lines).toHaveLength(10);
  expect(pty.screen.alternate()).toBe(true);
  expect(pty.screen.cell(2, 1)).toMatchObject({ text: 'g', foreground: 1, background: -1 });
  pty.send(keys.up);
  await pty.waitFor((now) => now[3] === 'key "\\u001b[A"');
  pty.resize(40, 8);
  expect(await pty.waitFor((now) => now[2] === 'now 40x8')).toHaveLength(8);
  pty.send('q');
  expect(await pty.exit).toEqual({ code: 7, signal: 0 });
  expect(pty.screen.alternate()).toBe(false);
  expect(pty.screen.lines()[0]).toBe('bye');
  expect(pty.raw().toString()).toContain('\x1b[31mgröße 60x10');
  await expect(pty.waitFor(() => false)).rejects.toThrow('the program ended with 7; the screen:\nbye');
  await pty.stop();
});

test('a terminal answers what a program asks it', async () => {
  await script(`
    process.stdin.setRawMode(true);
    process.stdin.once('data', (data) => { console.log('answer ' + JSON.stringify(data.toString())); process.exit(0); });
    process.stdout.write('\\x1b[6n');
  `);
  const pty = startPty([file], { home: home.path, command: process.execPath });
  await pty.waitFor((now) => now.join('').includes('answer "\\u001b[1;1R"'));
  expect((await pty.exit).code).toBe(0);
});

test('the last words in a terminal are read, however busy whoever reads them is', async () => {
  const words = 'x'.repeat(20_000);
  const pty = startPty(['-c', `echo first; read go; printf %s "$WORDS"`], {
    home: home.path,
    command: '/bin/sh',
    env: { WORDS: words },
  });
  await pty.waitFor((now) => now[0] === 'first');
  const still = new Int32Array(new SharedArrayBuffer(4));
  const eachTurn = setInterval(() => void Atomics.wait(still, 0, 0, 250), 1);
  pty.send('\r');
  expect((await pty.exit).code).toBe(0);
  clearInterval(eachTurn);
  expect(pty.raw().toString()).toContain(words);
});
