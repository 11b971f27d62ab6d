import { spawnSync } from 'node:child_process';

/**
 * Whether the machine has what a test needs. A person's machine may lack it: the test is left out there, which is said. Where
 * changes are judged nothing is left out for want of something, so that is a failure: throws.
 */
export const needs = (what: string, has: boolean): boolean => {
  if (has) return true;
  if (process.env['CCR_TEST_COMPLETE'] === '1')
    throw new Error(`the tests cannot run whole: no ${what} here`);
  console.warn(`left out: tests that need ${what}`);
  return false;
};

/** Only root can give a file to another user. */
export const isRoot = (): boolean => needs('root', process.getuid?.() === 0);

/** Root, and a kernel that lets it mount: for a disk of its own, which can be full or read-only. */
export const mayMount = (): boolean =>
  needs('a mount namespace', process.getuid?.() === 0 && spawnSync('unshare', ['-m', 'true']).status === 0);

/** What Linux alone has or tells: /proc, /dev/full, the XDG folders. */
export const isLinux = (): boolean => needs('Linux', process.platform === 'linux');

/** Windows has no file modes, no owners, no signals and no FIFOs, and links for few. */
export const isPosix = (): boolean => needs('POSIX files and signals', process.platform !== 'win32');
