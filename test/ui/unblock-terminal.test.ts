import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { spawn } from '@lydell/node-pty';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { isBehind } from '../../source/ui/unblock-terminal.ts';
import { readToEnd } from '../kit/pty.ts';
import { openModel } from './open-model.ts';
import { busyState, now } from './sample.ts';

const module = new URL('../../distribution/ui/unblock-terminal.js', import.meta.url).href;
const size = 1_000_000;
/** Writes more than any terminal holds back, then leaves a sign that it went on. */
const program = `
  import { writeFileSync } from 'node:fs';
  import { unblockTerminal } from ${JSON.stringify(module)};
  const block = unblockTerminal(process.stdout);
  process.stdout.write('x'.repeat(${size}), block);
  writeFileSync(process.argv[1], String(process.stdout.writableNeedDrain));
`;

describe('unblockTerminal', () => {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ccr-tui-terminal-'));
  });
  afterEach(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  it('goes on while nobody reads the terminal, and loses nothing of what was written', async () => {
    const sign = join(folder, 'sign');
    const pty = spawn(process.execPath, ['--input-type=module', '-e', program, sign], {
      cwd: folder,
      env: { PATH: process.env['PATH'] ?? '', HOME: folder, TERM: 'xterm' },
    });
    readToEnd(pty);
    let received = 0;
    pty.onData((text) => {
      received += text.length;
    });
    const exit = new Promise<number>((resolve) => {
      pty.onExit(({ exitCode }) => resolve(exitCode));
    });
    pty.pause();
    let wrote = '';
    while (wrote === '') {
      wrote = await readFile(sign, 'utf8').catch(() => '');
      if (wrote === '') await new Promise((resolve) => setTimeout(resolve, 10));
    }
    expect(wrote).toBe('true');
    expect(received).toBeLessThan(size);
    pty.resume();
    expect(await exit).toBe(0);
    expect(received).toBe(size);
  });
});

describe('isBehind', () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  it('lets no frame be made while the terminal has not taken the last one, however small', () => {
    vi.useFakeTimers({ now });
    let taken = (): void => {};
    const terminal = new Writable({ write: (_chunk, _encoding, done) => void (taken = done) });
    const { session, paints, model } = openModel(busyState, undefined, () => isBehind(terminal));
    model.subscribe(() => void terminal.write(model.frame().header));
    const change = (from: number): void => {
      for (let i = from; i < from + 100; i += 1) {
        session.set({ ...busyState, inFlight: i });
        vi.advanceTimersByTime(100);
      }
    };
    change(100);
    expect(paints()).toBe(1);
    taken();
    vi.advanceTimersByTime(100);
    expect(paints()).toBe(2);
    expect(model.frame().header).toContain('199 in flight');
    change(200);
    expect(paints()).toBe(2);
  });
});
