import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, onTestFinished, test } from 'vitest';
import { runProgram } from '../../source/clients/run-program.ts';

const fixture = new URL('fixture-run.ts', import.meta.url).pathname;
const node = process.execPath;
const evaluate = (script: string, env: Record<string, string> = {}) =>
  runProgram({ command: node, args: ['-e', script], env, stdio: 'ignore' });

describe('a program', () => {
  test('gives its own exit code', async () => {
    expect(await evaluate('process.exit(0)')).toBe(0);
    expect(await evaluate('process.exit(42)')).toBe(42);
  });

  test.each([
    ['SIGKILL', 137],
    ['SIGTERM', 143],
  ])('that %s ended gives 128 and the number of the signal', async (signal, code) => {
    expect(await evaluate(`process.kill(process.pid, '${signal}'); setInterval(() => {}, 1000)`)).toBe(code);
  });

  test('gets exactly the environment and the arguments it is given, without a shell', async () => {
    const script = `
      const names = Object.keys(process.env).filter((name) => !name.startsWith('__CF'));
      process.exit(names.join() === 'ONLY' && process.argv[1] === '$HOME; *' ? 7 : 1)`;
    const args = ['-e', script, '$HOME; *'];
    expect(await runProgram({ command: node, args, env: { ONLY: '1' }, stdio: 'ignore' })).toBe(7);
  });

  test('is ended early by whoever started it, also when that is before its first moment', async () => {
    const stop = new AbortController();
    const args = ['-e', 'setInterval(() => {}, 1000)'];
    const running = runProgram({ command: node, args, env: {}, stdio: 'ignore', signal: stop.signal });
    stop.abort();
    expect(await running).toBe(143);
    expect(await runProgram({ command: node, args, env: {}, stdio: 'ignore', signal: stop.signal })).toBe(
      143,
    );
  });

  test('that is missing or cannot be run is one clear line', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'ccr-run-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    writeFileSync(join(folder, 'text'), 'text', { mode: 0o600 });
    const line = (command: string): Promise<unknown> =>
      runProgram({ command, args: [], env: { PATH: '/bin' }, stdio: 'ignore' }).catch(
        (error: unknown) => error,
      );
    expect(await line('no-such-program\u001B[2J')).toMatchObject({
      code: 'failed',
      lines: ['cannot run no-such-program\\x1b[2J: not found; check the name and PATH'],
    });
    expect(await line(join(folder, 'text'))).toMatchObject({
      lines: [expect.stringContaining('not executable')],
    });
  });

  test('leaves no signal handler of ours behind', async () => {
    const count = (): number => process.listenerCount('SIGTERM') + process.listenerCount('SIGINT');
    const before = count();
    await evaluate('');
    await runProgram({ command: 'no-such-program', args: [], env: {} }).catch(() => undefined);
    expect(count()).toBe(before);
  });
});

/** Starts the runner around a program that tells each signal it gets and ends at the third. */
const signalled = async (
  interactive: boolean,
): Promise<{ runner: ChildProcess; next: () => Promise<string> }> => {
  const script = `
    let left = 3;
    for (const signal of ['SIGINT', 'SIGQUIT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => {
      console.log(signal);
      left -= 1;
      if (left === 0) process.exit(9);
    });
    setInterval(() => {}, 1000);
    console.log('up');`;
  const args = [fixture, interactive ? 'interactive' : 'piped', node, '-e', script];
  const runner = spawn(node, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const lines = createInterface({ input: runner.stdout })[Symbol.asyncIterator]();
  const next = async (): Promise<string> => String((await lines.next()).value);
  expect(await next()).toBe('up');
  return { runner, next };
};

test('signals reach the program, and its own code is what comes back', async () => {
  const { runner, next } = await signalled(false);
  const exit = once(runner, 'exit');
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    runner.kill(signal);
    expect(await next()).toBe(signal);
  }
  expect(await exit).toEqual([9, null]);
});

test('on a terminal, Ctrl-C reaches the program once: by the terminal, not by us', async () => {
  const { runner, next } = await signalled(true);
  const exit = once(runner, 'exit');
  runner.kill('SIGINT');
  runner.kill('SIGQUIT');
  for (const signal of ['SIGTERM', 'SIGHUP', 'SIGTERM'] as const) {
    runner.kill(signal);
    expect(await next()).toBe(signal);
  }
  expect(await exit).toEqual([9, null]);
});
