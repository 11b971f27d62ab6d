import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { Environment } from '../shared/environment.ts';

/** Where this program is: the Node that runs it, and the file that Node was given. */
export type OwnProgram = { node: string; script: string };

// npm and npx put such folders in front for what they start; the next shell has them not.
const onlyForNpm = /[\\/]node_modules[\\/]\.bin[\\/]?$/;

const canRun = (file: string): boolean => {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

const isOnPath = (name: string, path: string): boolean =>
  path
    .split(delimiter)
    .some((folder) => folder !== '' && !onlyForNpm.test(folder) && canRun(join(folder, name)));

const singleQuoted = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`;
// The alias as a whole stands in double quotes.
const escaped = (text: string): string => text.replaceAll(/[\\"$`]/g, String.raw`\$&`);
const word = (text: string): string =>
  // The backslash of an escaped quote means itself between double quotes, as long as no special character follows it.
  singleQuoted(text)
    .split(String.raw`'\''`)
    .map(escaped)
    .join(String.raw`'\''`);

/**
 * The line of shell that makes `ccr-tui` a command, for a program that was started from where it was built. Null where
 * a shell finds it by its name, and on Windows, whose shells have no alias with arguments.
 */
export const ownAlias = (
  env: Environment,
  { node, script }: OwnProgram,
  platform: NodeJS.Platform = process.platform,
): string | null => {
  if (platform === 'win32' || isOnPath('ccr-tui', env.PATH ?? '')) return null;
  const home = env.CCR_TUI_HOME ? `CCR_TUI_HOME=${word(env.CCR_TUI_HOME)} ` : '';
  return `alias ccr-tui="${home}${word(node)} ${word(script)}"`;
};
