import { spawn } from 'node:child_process';
import type { Environment } from '../shared/environment.ts';

export type BrowserCommand = { file: string; args: readonly string[] };

const openers: Partial<Readonly<Record<NodeJS.Platform, (url: string) => BrowserCommand>>> = {
  darwin: (url) => ({ file: 'open', args: [url] }),
  // Not `start`: that one is a word of the shell, to which `&` means something.
  win32: (url) => ({ file: 'rundll32', args: ['url.dll,FileProtocolHandler', url] }),
};

const ofDesktop = (url: string): BrowserCommand => ({ file: 'xdg-open', args: [url] });

/** What opens a page in the browser of this machine; null where there is no desktop to open it on. */
export const browserCommand = (
  url: string,
  { platform, env }: { platform: NodeJS.Platform; env: Environment },
): BrowserCommand | null => {
  const opener = openers[platform];
  if (opener !== undefined) return opener(url);
  return env['DISPLAY'] || env['WAYLAND_DISPLAY'] ? ofDesktop(url) : null;
};

/**
 * Starts it, without a shell, and leaves it to itself: a browser may run for hours. Tells whether there is such a program;
 * whether a page came up nobody knows.
 */
export const startBrowser = ({ file, args }: BrowserCommand, env: Environment): Promise<boolean> => {
  const child = spawn(file, args, { stdio: 'ignore', detached: true, env, windowsHide: true });
  child.unref();
  return new Promise((resolve) => {
    child.once('spawn', () => resolve(true)).on('error', () => resolve(false));
  });
};
