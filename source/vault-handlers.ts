import type { Settings } from './config/settings.ts';
import type { StoreOperation } from './credentials/store-operation.ts';
import { liveDocument, type LiveDocument } from './live-document.ts';
import type { CommandHandlers, CommandName } from './shared/commands.ts';
import { takeSecret } from './shared/secret-bytes.ts';
import type { SupervisedProxy } from './supervise-proxy.ts';

export type VaultHandlerOptions = {
  document: LiveDocument;
  settings: Pick<Settings, 'accounts' | 'clientKeys'>;
  proxy: Pick<SupervisedProxy, 'runStore' | 'setAccounts' | 'setClientKeys'>;
};

type VaultCommand = Extract<CommandName, `vault.${string}`>;

/** What is asked of the secret stores as a whole, while an instance runs: its data plane is the one that has them open. */
export const vaultHandlers = ({
  document,
  settings,
  proxy,
}: VaultHandlerOptions): CommandHandlers<VaultCommand> => {
  const run = async (
    operation: StoreOperation,
    secret: Uint8Array | null,
  ): Promise<Record<string, never>> => {
    await proxy.runStore(operation, secret === null ? null : takeSecret(secret));
    return {};
  };
  return {
    'vault.init': ({ kdf }, secret) => run({ name: 'vault.init', kdf }, secret),
    'vault.passwd': ({ kdf }, secret) => run({ name: 'vault.protect', kdf }, secret),
    'vault.unlock': (_, secret) => run({ name: 'vault.unlock' }, secret),
    'vault.rotate': () => run({ name: 'vault.rotate' }, null),
    'vault.move': async ({ to }) => {
      // Nobody else in this thread knows the stores.
      const { moveSecrets } = await import('./credentials/move-secrets.ts');
      return moveSecrets({
        to,
        read: () => settings,
        run: proxy.runStore,
        // The data plane knows the new places before the old copies go.
        document: liveDocument({ document, settings, proxy }),
      });
    },
  };
};
