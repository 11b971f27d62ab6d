import { join } from 'node:path';
import type { ScreenVia } from './shared/audit-event.ts';
import { systemClock } from './shared/clock.ts';
import type { Environment } from './shared/environment.ts';
import { askedOnScreen } from './commands/asked-by.ts';
import { limitOptions } from './commands/key-limit-options.ts';
import { resolvePaths } from './config/paths.ts';
import { createConnectsClient } from './connect-outside.ts';
import { newClientKey } from './credentials/key-pepper.ts';
import { createImports } from './import-outside.ts';
import { saveFile } from './save-file.ts';
import type { Outside } from './ui/outside.ts';
import { packageVersion } from './version.ts';

/** Terminals of which it is known that they have no OSC 52; the others do, or do not tell. */
const withoutClipboard = ({ TERM, TERM_PROGRAM }: Environment): boolean =>
  TERM === 'linux' || TERM_PROGRAM === 'Apple_Terminal';

const atHome = (env: Environment): Outside => ({
  clientKeys: { mint: newClientKey, limits: (given) => limitOptions(given, systemClock.now()) },
  imports: createImports(env),
  connectsClient: createConnectsClient(env),
});

/**
 * What the screen of this process may do beyond the instance that it shows. `via`: that is an instance of this machine and this
 * home, which may be changed, and this is the screen that asks; null where it is not.
 */
export const screenOutside = (env: Environment, via: ScreenVia | null = null): Outside => ({
  saveFile: async (name, content) => saveFile(join(resolvePaths(env).home, 'exports'), name, content),
  version: packageVersion,
  ...(via === null ? {} : atHome(askedOnScreen(env, via))),
  ...(withoutClipboard(env) ? { withoutClipboard: true } : {}),
});
