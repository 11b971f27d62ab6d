import type { Settings } from './config/settings.ts';
import { createSecretBook } from './credentials/secret-book.ts';
import type { CommandHandlers } from './shared/commands.ts';
import { CcrError } from './shared/errors.ts';
import { takeSecret } from './shared/secret-bytes.ts';
import type { SupervisedProxy } from './supervise-proxy.ts';

export type SecretHandlerOptions = {
  settings: Pick<Settings, 'accounts' | 'config'>;
  proxy: Pick<SupervisedProxy, 'named'>;
};

/** What is asked of secrets that have a name, while an instance runs. */
export const secretHandlers = ({
  settings,
  proxy,
}: SecretHandlerOptions): CommandHandlers<`secret.${'set' | 'list' | 'delete'}`> => {
  const book = createSecretBook({
    named: proxy.named,
    accounts: () => settings.accounts,
    preference: settings.config.credentialStore,
  });
  return {
    'secret.set': ({ name }, secret) => {
      if (secret === null)
        throw new CcrError('bad_secret', 'no secret was given', { hint: 'pass it on stdin' });
      return book.set(name, takeSecret(secret));
    },
    'secret.list': () => book.list(),
    'secret.delete': ({ name }) => book.delete(name),
  };
};
