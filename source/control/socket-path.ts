import { createHash } from 'node:crypto';
import { lstatSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';
import { CcrError } from '../shared/errors.ts';
import { ensurePrivateFolder } from './private-file.ts';

/** sun_path holds 104 bytes on macOS and the BSDs, 108 on Linux, with the final zero; a margin below both. */
const maxBytes = 100;

export type SocketSurroundings = {
  /** The wished-for path: `control.sock` in the home. */
  controlSocket: string;
  platform: NodeJS.Platform;
  env: Record<string, string | undefined>;
  /** Number of the user; null on Windows. */
  uid: number | null;
  /** The folder for temporary files. */
  temporary: string;
};

/** Where the control socket may lie, best first; never empty. Windows has one: a named pipe. Pure. */
export const socketPaths = (surroundings: SocketSurroundings): string[] => {
  const { controlSocket, platform, env, uid, temporary } = surroundings;
  const name = createHash('sha256').update(dirname(controlSocket)).digest('hex').slice(0, 16);
  if (platform === 'win32') return [`\\\\.\\pipe\\ccr-tui-${name}`];
  const runtime = env.XDG_RUNTIME_DIR;
  const folder = `ccr-tui-${uid ?? 'user'}`;
  const candidates = [
    controlSocket,
    // Another home of the same user has another hash.
    ...(runtime !== undefined && isAbsolute(runtime) ? [join(runtime, `ccr-tui-${name}.sock`)] : []),
    join(temporary, folder, `${name}.sock`),
    join('/tmp', folder, `${name}.sock`),
  ];
  return candidates.filter((path) => Buffer.byteLength(path) <= maxBytes);
};

/** A runtime folder is the system's to make: one that is not ours alone is passed over, never mended. */
const isOursAlone = (folder: string, uid: number | null): boolean => {
  const stat = lstatSync(folder, { throwIfNoEntry: false });
  return stat !== undefined && stat.isDirectory() && stat.uid === uid && (stat.mode & 0o077) === 0;
};

/**
 * The path to listen on, with its folder made (0700) and checked: in the home if it is at most 100 bytes long, else in
 * XDG_RUNTIME_DIR, else in a folder of the user among the temporary files. A CcrError('failed') when none is safe.
 */
export const prepareSocketPath = (surroundings: SocketSurroundings): string => {
  const { controlSocket, platform, env, uid } = surroundings;
  const paths = socketPaths(surroundings);
  let problem: unknown = new CcrError('failed', 'no folder has a path short enough for the control socket');
  for (const path of paths) {
    if (platform === 'win32') return path;
    const folder = dirname(path);
    if (folder === env.XDG_RUNTIME_DIR && path !== controlSocket) {
      if (isOursAlone(folder, uid)) return path;
      continue;
    }
    try {
      ensurePrivateFolder(folder, path !== controlSocket);
      return path;
    } catch (error) {
      problem = error;
      // The home must be right; only the fallbacks may be passed over.
      if (path === controlSocket) break;
    }
  }
  throw problem;
};
