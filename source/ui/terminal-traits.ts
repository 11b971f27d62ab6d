export type TerminalTraits = {
  ascii: boolean;
  color: boolean;
  /** No screen at all, lines instead. */
  plain: boolean;
  /** What is written is read aloud: only what changes is worth it. */
  spoken: boolean;
};

const speaksUtf8 = (env: NodeJS.ProcessEnv, platform: NodeJS.Platform): boolean => {
  const locale = env['LC_ALL'] || env['LC_CTYPE'] || env['LANG'] || '';
  if (locale !== '') return /utf-?8/i.test(locale);
  // Windows has no locale variables; its modern terminals name themselves. macOS is UTF-8 throughout.
  return platform === 'win32' ? Boolean(env['WT_SESSION'] ?? env['TERM_PROGRAM']) : platform === 'darwin';
};

/** What this terminal can show, from its environment and the flags of the command line. */
export const terminalTraits = (
  env: NodeJS.ProcessEnv,
  flags: { ascii?: boolean; noColor?: boolean; plain?: boolean } = {},
  platform: NodeJS.Platform = process.platform,
): TerminalTraits => {
  const term = env['TERM'] ?? '';
  const reader = env['INK_SCREEN_READER'] === 'true';
  return {
    ascii: flags.ascii === true || term === 'linux' || !speaksUtf8(env, platform),
    // no-color.org: any value that is not empty switches colours off.
    color: flags.noColor !== true && (env['NO_COLOR'] ?? '') === '' && term !== 'dumb',
    plain: flags.plain === true || term === 'dumb' || reader,
    spoken: reader && flags.plain !== true,
  };
};
