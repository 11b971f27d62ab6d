import { fileURLToPath } from 'node:url';

/** The compiled program as it is installed. */
export const programFile = fileURLToPath(new URL('../../distribution/bin.cjs', import.meta.url));

const removed =
  /^(CCR_|ANTHROPIC_|OPENAI_|CLAUDE|VITEST|NODE_OPTIONS$|NODE_ENV$|NODE_V8_|NO_COLOR$|FORCE_COLOR$|CI$|TERM$|COLUMNS$|LINES$|npm_|XDG_CONFIG|XDG_DATA|XDG_STATE|XDG_CACHE|(HTTPS?|ALL|NO)_PROXY$)/i;

/**
 * The environment of a started program: the test's own without anything that steers ccr-tui, its colours or its proxy;
 * everything it keeps goes under `home`. `extra` is added last; an undefined value removes.
 */
export const programEnvironment = (
  home: string,
  extra: Readonly<Record<string, string | undefined>> = {},
): Record<string, string> => {
  const all: Record<string, string | undefined> = {
    ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !removed.test(name))),
    HOME: home,
    LANG: 'C.UTF-8',
    CCR_TUI_HOME: home,
    ...extra,
  };
  return Object.fromEntries(
    Object.entries(all).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const])),
  );
};
