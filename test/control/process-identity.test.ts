import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { birthFromStat, isProcessAlive, processBirth } from '../../source/control/process-identity.ts';
import { isLinux } from '../kit/needs.ts';

const stat = (name: string, state: string): string =>
  `7 (${name}) ${state} 1 7 7 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 11 0 12345 6 7\n`;

describe('a process', () => {
  test('is told from one that ended', async () => {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e6)'], { stdio: 'ignore' });
    const { pid = 0 } = child;
    expect([isProcessAlive(process.pid), isProcessAlive(pid)]).toEqual([true, true]);
    const exit = once(child, 'exit');
    child.kill('SIGKILL');
    await exit;
    expect(isProcessAlive(pid)).toBe(false);
  });

  // Elsewhere the system does not tell, and the lock goes by socket and age alone.
  test.runIf(isLinux())('has a birth of its own, the same at every look', async () => {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e6)'], { stdio: 'ignore' });
    const { pid = 0 } = child;
    expect(processBirth(process.pid)).toBe(processBirth(process.pid));
    expect(processBirth(pid)).not.toBe(processBirth(process.pid));
    const exit = once(child, 'exit');
    child.kill('SIGKILL');
    await exit;
    expect(processBirth(pid)).toBe('');
  });

  test('keeps its birth whatever it calls itself', () => {
    for (const name of ['node', 'a b', ') R 1 (', '(((', ''])
      expect(birthFromStat(stat(name, 'S'))).toBe('12345');
  });

  test('has none any more as a zombie', () => {
    expect(birthFromStat(stat('node', 'Z'))).toBeNull();
    expect(birthFromStat('')).toBeNull();
  });
});
