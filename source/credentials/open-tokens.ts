import type { Paths } from '../config/paths.ts';
import { openEmergency } from './emergency.ts';
import { openLoginStore, type LoginPlaces } from './open-login-store.ts';
import { openRefreshJournal } from './refresh-journal.ts';
import { createPostToken } from './token-request.ts';
import { Tokens, type TokensOptions } from './tokens.ts';

export type OpenTokensOptions = Pick<LoginPlaces, 'keeper' | 'clock'> & {
  paths: Pick<Paths, 'journal' | 'emergency' | 'emergencyKey'>;
} & Pick<TokensOptions, 'oauth' | 'onChange' | 'onNews' | 'clock'>;

/** The door to the tokens of logins, with its files in this home. Touches nothing before it has accounts. */
export const openTokens = (options: OpenTokensOptions): Tokens => {
  const { paths, keeper, clock } = options;
  return new Tokens({
    ...options,
    openStore: (record) => openLoginStore(record, { keeper, paths, clock }),
    emergency: openEmergency(paths),
    journal: openRefreshJournal(paths.journal),
    post: createPostToken(),
  });
};
