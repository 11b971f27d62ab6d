import type { AccountRecord, EpochMs } from '../shared/types.ts';

/** When the provider's terms were last read for the notice, as people write it. */
export const termsReadIn = 'November 2026';

/**
 * What a person reads before the first Claude login comes in: lines as they are printed, none over 84 columns. Kept
 * without marketing and without a lawyer's words.
 */
export const termsNotice: readonly string[] = [
  'Before the first Claude login is added',
  '',
  `What the terms say (read in ${termsReadIn}; they may have changed): Claude logins`,
  "are for Claude Code and Anthropic's own apps. Third-party programs may not offer",
  'them, store them or route requests through them, and Anthropic may act against an',
  'account without notice. ccr-tui is a third-party program.',
  '',
  '- API keys are the recommended way: they are meant for programs like this one,',
  '  and need no yes.',
  '- A login is your own account, and adding it is at your own risk.',
  '- The limits of a plan are meant for the ordinary use of one person. Add your own',
  '  logins only, and share them with nobody.',
  '- Sign-in and refresh use the public OAuth client id to which the credentials of',
  '  Claude Code are issued.',
  '- Only requests that come from Claude Code itself go to a login (from its Agent',
  '  SDK, too, where you switch that on). Other programs get API keys or a refusal;',
  '  nothing is dressed up as Claude Code.',
];

/** When its owner said yes to the notice, as an account that is there says; null when none does. */
export const consentGivenAt = (accounts: readonly Pick<AccountRecord, 'login'>[]): EpochMs | null =>
  accounts.find(({ login }) => login !== undefined)?.login?.termsAcceptedAt ?? null;
