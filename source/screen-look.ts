import { resolvePaths } from './config/paths.ts';
import { loadSettings } from './config/settings.ts';
import type { Environment } from './shared/environment.ts';
import { usualLook, type Look } from './ui/look.ts';

/**
 * How the person at this terminal wants the screen: by the settings of the home here, also where the screen shows an instance
 * of another machine, or a demo. With settings that have problems it looks as usual; who needs them names the problems.
 */
export const screenLook = (env: Environment): Look => {
  try {
    const { config } = loadSettings({ paths: resolvePaths(env), env });
    return { ...usualLook, ...config.screen };
  } catch {
    return usualLook;
  }
};
