import type { AccountRecord } from '../shared/types.ts';

/** The folder of the Claude Code in whose own store the tokens of an account are; null when its secret is in a store of ours. */
export const linkedFolder = ({ login }: Pick<AccountRecord, 'login'>): string | null =>
  login?.linkedTo ?? null;
