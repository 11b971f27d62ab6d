import type { Clock } from '../shared/clock.ts';
import type { AccountRecord } from '../shared/types.ts';
import { createClaudeCodeStore } from './claude-code-store.ts';
import { linkedFolder } from './linked-folder.ts';
import type { LoginStore } from './login-store.ts';
import { createOwnLoginStore, type OwnLoginStoreOptions } from './own-login-store.ts';

/** What an own store needs, but for the record it is of. */
export type LoginPlaces = Omit<OwnLoginStoreOptions, 'record'> & { clock: Pick<Clock, 'now'> };

/** Where the tokens of an account of kind `login` lie: with the Claude Code that it is linked to, or with us. Touches nothing. */
export const openLoginStore = (
  record: Pick<AccountRecord, 'id' | 'store' | 'baseUrl' | 'login'>,
  { keeper, paths, clock }: LoginPlaces,
): LoginStore => {
  const folder = linkedFolder(record);
  return folder === null
    ? createOwnLoginStore({ record, keeper, paths })
    : createClaudeCodeStore({ folder, clock });
};
