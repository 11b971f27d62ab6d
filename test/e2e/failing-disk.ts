// Loaded before anything else: every call of `node:fs` that changes something, at once or as a promise, is counted, and one
// can be made to fail, or to be the last thing this process does. What each call was about is written down.
import fs from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';

type Fault = 'EIO' | 'ENOSPC' | 'die';

const names = [
  'openSync',
  'writeSync',
  'fsyncSync',
  'fchmodSync',
  'closeSync',
  'renameSync',
  'rmSync',
  'writeFileSync',
] as const;

const state: { armed: { at: number; fault: Fault } | null; count: number; trace: string[] } = {
  armed: null,
  count: 0,
  trace: [],
};
const paths = new Map<number, string>();

const subject = (args: readonly unknown[]): string => {
  const [first] = args;
  return typeof first === 'number' ? (paths.get(first) ?? '') : String(first);
};

/** Temporary names are random; folders stay folders. */
const plain = (path: string): string => path.replace(/\.tmp-[0-9a-f]+$/, '.tmp').replace(/^.*\//, '');

const fail = (fault: Fault, name: string): never => {
  if (fault === 'die') process.kill(process.pid, 'SIGKILL');
  throw Object.assign(new Error(`${fault}: ${name}`), { code: fault, errno: -5, syscall: name });
};

/** Counts one call, writes it down, and makes it the one that fails when its turn has come. */
const step = (name: string, path: string, before: () => unknown = () => undefined): void => {
  if (state.armed === null) return;
  state.count += 1;
  if (state.count === state.armed.at) {
    before();
    fail(state.armed.fault, name);
  }
  state.trace.push(`${name} ${plain(path)}`);
};

for (const name of names) {
  const original = fs[name] as (...args: unknown[]) => unknown;
  Object.assign(fs, {
    [name]: (...args: unknown[]) => {
      const isReading = name === 'openSync' && typeof args[1] === 'number';
      // What was opened is closed all the same: a test may run out of descriptors otherwise.
      const close = (): unknown => name === 'closeSync' && original(...args);
      if (!isReading) step(name.replace('Sync', ''), subject(args), close);
      const result = original(...args);
      if (name === 'openSync') paths.set(Number(result), String(args[0]));
      return result;
    },
  });
}

const { promises } = fs;
const real = { open: promises.open, rename: promises.rename, rm: promises.rm };
const methods = { writeFile: 'write', chmod: 'fchmod', sync: 'fsync', close: 'close' } as const;

const watched = (handle: FileHandle, path: string): FileHandle => {
  for (const [method, name] of Object.entries(methods)) {
    const original = Reflect.get(handle, method) as (...args: unknown[]) => Promise<unknown>;
    Reflect.set(handle, method, async (...args: unknown[]) => {
      if (method === 'close') await original.apply(handle, args);
      step(name, path);
      return method === 'close' ? undefined : original.apply(handle, args);
    });
  }
  return handle;
};

Object.assign(promises, {
  async open(path: string, ...rest: [number, number]) {
    step('open', path);
    return watched(await real.open(path, ...rest), path);
  },
  async rename(from: string, to: string) {
    step('rename', from);
    await real.rename(from, to);
  },
  async rm(path: string, ...rest: [{ force: boolean }]) {
    step('rm', path);
    await real.rm(path, ...rest);
  },
});
syncBuiltinESMExports();

/** From now on the n-th call fails; 0 = none does. Calls are counted and written down. */
export const arm = (at: number, fault: Fault): void => {
  Object.assign(state, { armed: { at, fault }, count: 0, trace: [] });
};

/** How many calls there were, and what they were, since `arm`. */
export const disarm = (): { count: number; trace: string[] } => {
  state.armed = null;
  return { count: state.count, trace: state.trace };
};
