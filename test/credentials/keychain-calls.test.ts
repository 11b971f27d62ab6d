import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { lookup } from 'node:dns/promises';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { createKeychainCalls, type KeychainCall } from '../../source/credentials/keychain-calls.ts';
import { runningTime } from '../kit/running-time.ts';

const folder = mkdtempSync(join(tmpdir(), 'ccr-calls-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const read: KeychainCall = { call: 'get', service: 'ccr-tui-test', account: 'account/a' };

/** For a process to start and answer, which on a busy machine takes longer than a person would wait. */
const timeoutMs = 15_000;

/** A stand-in for the keychain's process. */
const program = (name: string, body: string): string => {
  const path = join(folder, `${name}.mjs`);
  writeFileSync(path, body);
  return path;
};

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

/** Until the process is gone; a test that waits in vain times out. */
const gone = async (pid: number): Promise<void> => {
  while (isAlive(pid)) await new Promise((done) => setImmediate(done));
};

/** Answers with its own process id. */
const pidProgram = program(
  'pid',
  `process.on('message', ({ id }) => process.send({ id, ok: true, value: String(process.pid) }));`,
);

describe('a keychain that does not answer', () => {
  test('is store_unavailable when there is no session bus', async () => {
    const env = { ...process.env, DBUS_SESSION_BUS_ADDRESS: 'unix:path=/nonexistent/bus' };
    await expect(createKeychainCalls({ env, timeoutMs })(read)).rejects.toMatchObject({
      code: 'store_unavailable',
      exitCode: 69,
      message: expect.stringMatching(/^the keychain does not work \(.+\)$/),
      hint: expect.stringContaining('credentialStore vault'),
    });
  });

  test('is given up after the limit when its bus stays silent, and the calls behind it fail at once', async () => {
    const bus = createServer((socket) => socket.on('error', () => {}));
    await new Promise<void>((done) => bus.listen(join(folder, 'bus'), done));
    const env = { ...process.env, DBUS_SESSION_BUS_ADDRESS: `unix:path=${join(folder, 'bus')}` };
    const calls = createKeychainCalls({ env, timeoutMs: 500 });
    const elapsed = runningTime();
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => calls(read).catch((error: unknown) => error)),
    );
    expect(elapsed()).toBeLessThan(1500);
    for (const answer of answers) {
      expect(answer).toMatchObject({ message: 'the keychain did not answer within 0.5 s' });
    }
    bus.close();
  });

  test('leaves names and files of ten accounts that wait for it as fast as they were', async () => {
    const bus = createServer((socket) => socket.on('error', () => {}));
    await new Promise<void>((done) => bus.listen(join(folder, 'hung-bus'), done));
    const env = { ...process.env, DBUS_SESSION_BUS_ADDRESS: `unix:path=${join(folder, 'hung-bus')}` };
    // One keychain each, as if every account had one of its own.
    const waiting = Promise.all(
      Array.from({ length: 10 }, () =>
        createKeychainCalls({ env, timeoutMs: 1500 })(read).catch((error: unknown) => error),
      ),
    );
    const state = { over: false };
    void waiting.then(() => (state.over = true));
    const file = join(folder, 'read-meanwhile');
    writeFileSync(file, 'still here');
    let looks = 0;
    while (!state.over) {
      expect(await readFile(file, 'utf8')).toBe('still here');
      await lookup('localhost');
      looks += 1;
    }
    // A pool of four threads that ten calls hold would have let none through.
    expect(looks).toBeGreaterThan(20);
    expect(await waiting).toHaveLength(10);
    bus.close();
  });

  test('is waited for when a person can answer its dialog, who is told once', async () => {
    let told = 0;
    const slow = program(
      'dialog',
      `process.on('message', ({ id }) => setTimeout(() => process.send({ id, ok: true, value: 'yes' }), 400));`,
    );
    const person = { waitMs: 20_000, onWaiting: () => void (told += 1) };
    expect(await createKeychainCalls({ program: slow, timeoutMs: 100, person })(read)).toBe('yes');
    expect(told).toBe(1);
    const silent = program('no-answer', `process.on('message', () => {});`);
    const patient = { waitMs: 200, onWaiting: () => void (told += 1) };
    await expect(
      createKeychainCalls({ program: silent, timeoutMs: 100, person: patient })(read),
    ).rejects.toThrow('the keychain did not answer within 0.2 s');
    expect(told).toBe(2);
  });

  test('is tried again when the pause is over', async () => {
    const flag = join(folder, 'answers');
    const slow = program(
      'slow',
      `import { existsSync } from 'node:fs';
       process.on('message', ({ id }) => existsSync(${JSON.stringify(flag)}) && process.send({ id, ok: true, value: 'yes' }));`,
    );
    const calls = createKeychainCalls({ program: slow, timeoutMs: 4000, pauseMs: 0 });
    await expect(calls(read)).rejects.toMatchObject({ code: 'store_unavailable' });
    writeFileSync(flag, '');
    await expect(createKeychainCalls({ program: slow, timeoutMs })(read)).resolves.toBe('yes');
    await expect(calls(read)).resolves.toBe('yes');
  });

  test.each([
    ['crashes', `process.on('message', () => process.kill(process.pid, 'SIGSEGV'));`],
    ['ends before it is asked', `process.exit(1);`],
  ])('is store_unavailable at once when its process %s', async (name, body) => {
    const calls = createKeychainCalls({ program: program(name, body), timeoutMs });
    await expect(calls(read)).rejects.toMatchObject({ message: 'the keychain broke off' });
    await expect(calls(read)).rejects.toMatchObject({ message: 'the keychain broke off' });
  });

  test.each([
    [{ loaded: false, message: 'Failed to load addon' }, 'this system has no keychain that can be used'],
    [{ loaded: true, message: 'Cannot create an item in a locked collection' }, 'the keychain is locked'],
    [{ loaded: true, message: 'User interaction is not allowed.' }, 'the keychain is locked'],
    [{ loaded: true, message: 'Prompt was dismissed' }, 'the keychain is locked'],
    [{ loaded: true, message: 'Access denied' }, 'the keychain denies access'],
    [{ loaded: true, message: 'User canceled the operation.' }, 'the keychain denies access'],
    [{ loaded: true, message: 'No space left on device' }, 'the keychain is full'],
    [{ loaded: true, message: 'Not enough memory resources are available' }, 'the keychain is full'],
    [{ loaded: true, message: 'bad \u001b[31m thing' }, 'the keychain does not work (bad \\x1b[31m thing)'],
  ])('says %j in plain words', async (answer, message) => {
    const failing = program(
      'failing',
      `process.on('message', ({ id }) => process.send({ ...${JSON.stringify(answer)}, id, ok: false }));`,
    );
    await expect(createKeychainCalls({ program: failing, timeoutMs })(read)).rejects.toMatchObject({
      code: 'store_unavailable',
      message,
    });
  });
});

describe('the process', () => {
  test('serves one call at a time, and answers that nobody asked for are ignored', async () => {
    const log = join(folder, 'log');
    const serial = program(
      'serial',
      `import { appendFileSync } from 'node:fs';
       process.on('message', ({ id, account }) => {
         appendFileSync(${JSON.stringify(log)}, '+' + account);
         process.send({ id: id + 100, ok: true, value: 'wrong' });
         process.send('noise');
         setImmediate(() => { appendFileSync(${JSON.stringify(log)}, '-' + account); process.send({ id, ok: true, value: account }); });
       });`,
    );
    const calls = createKeychainCalls({ program: serial, timeoutMs });
    const answers = await Promise.all(['a', 'b', 'c'].map((account) => calls({ ...read, account })));
    expect(answers).toEqual(['a', 'b', 'c']);
    expect(readFileSync(log, 'utf8')).toBe('+a-a+b-b+c-c');
  });

  test('is kept for the next call and ended when idle', async () => {
    const calls = createKeychainCalls({ program: pidProgram, timeoutMs, idleMs: 200 });
    const first = await calls(read);
    expect(await calls(read)).toBe(first);
    await gone(Number(first));
    expect(await calls(read)).not.toBe(first);
  });

  test('is ended when it does not answer', async () => {
    const once = program(
      'once',
      `process.once('message', ({ id }) => { process.on('message', () => {}); process.send({ id, ok: true, value: String(process.pid) }); });`,
    );
    const calls = createKeychainCalls({ program: once, timeoutMs: 4000, idleMs: 60_000 });
    const pid = Number(await calls(read));
    expect(isAlive(pid)).toBe(true);
    await expect(calls(read)).rejects.toMatchObject({ message: 'the keychain did not answer within 4 s' });
    await gone(pid);
    expect(isAlive(pid)).toBe(false);
  });
});
