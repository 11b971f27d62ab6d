import type { AccountChange, Command, CommandArgs, CommandName, CommandResults } from './commands.ts';

// What is written down for whoever asks later who changed what. Names and addresses, never a secret.

/** The screen that holds the proxy, and a screen attached to it. */
export const screenVias = ['screen', 'attached'] as const;
export type ScreenVia = (typeof screenVias)[number];

/** Who asked: a command of its own, a screen, the instance itself. */
export type AuditVia = 'cli' | ScreenVia | 'instance';

export type AuditEvent =
  /** `url` is for this machine; `host` is what it listens on, and so who can reach it. */
  | { event: 'instance.started'; url: string; host: string; version: string }
  | { event: 'instance.stopped'; url: string }
  | { event: 'account.added'; account: string; id: string; kind: string; baseUrl: string; store: string }
  | {
      event: 'account.removed' | 'account.signedIn' | 'account.paused' | 'account.resumed' | 'account.reset';
      account: string;
    }
  /** null = none any more. */
  | { event: 'account.preferred'; account: string | null }
  | { event: 'accounts.paused' | 'accounts.resumed'; accounts: readonly string[] }
  | { event: 'account.renamed'; account: string; to: string }
  /** Only what was changed. */
  | ({ event: 'account.changed'; account: string } & Partial<AccountChange>)
  | { event: 'secret.stored' | 'secret.deleted'; secret: string }
  | { event: 'key.created' | 'key.rotated' | 'key.revoked'; key: string }
  /** Where it listens and who may come in; `value` null is the default again. */
  | { event: 'bind.changed' | 'setting.changed'; setting: string; value: unknown }
  /** How often within a second or so, and from where (the first few addresses). */
  | { event: 'auth.failed'; count: number; addresses: readonly string[] }
  | { event: 'client.connected' | 'client.disconnected'; client: string; path: string }
  | { event: 'token.refreshed' | 'token.stored'; account: string }
  /** `ended`: its owner has to sign in again. */
  | { event: 'token.refreshFailed'; account: string; reason: string; ended: boolean }
  /** Its store did not take a renewed login; whether the emergency file did. */
  | { event: 'token.unstored'; account: string; reason: string; emergency: boolean }
  | { event: 'vault.created'; path: string }
  /** `passphrase`: it opens with one from now on. */
  | { event: 'vault.locked'; passphrase: boolean }
  | { event: 'backup.made' | 'backup.restored'; path: string; secrets: number }
  | { event: 'vault.unlocked' | 'vault.rotated' }
  | { event: 'secrets.moved'; to: string; accounts: number; clientKeys: number; named: number }
  /** The notice about Claude logins; `notice` says which one, `by` how the yes was given. */
  | { event: 'terms.accepted'; notice: string; by: string }
  /** Plain copies of secrets were taken out of the store of another tool. */
  | { event: 'plain.removed'; from: string; path: string }
  /** Records before this one could not be written. */
  | { event: 'audit.resumed'; lost: number };

/** Settings that decide where the proxy listens and who reaches it. */
const bindSettings = /^(?:host|port|tls(?:\..+)?|allowed\w+|insecureBind|trustedProxies|requireClientKey)$/;

/** Whoever knows the URL of a webhook may speak there: of that one only the origin is told. */
const tellable = (setting: string, value: unknown): unknown =>
  setting === 'webhook.url' && typeof value === 'string' && value !== ''
    ? (URL.parse(value)?.origin ?? '')
    : value;

/** The event of a setting that was changed; `value` null when it was put back to its default. */
export const settingChanged = (setting: string, value: unknown): AuditEvent => ({
  event: bindSettings.test(setting) ? 'bind.changed' : 'setting.changed',
  setting,
  value: tellable(setting, value),
});

type Row<Name extends CommandName> = (args: CommandArgs<Name>, result: CommandResults[Name]) => AuditEvent;

const rows: { [Name in CommandName]?: Row<Name> } = {
  'account.add': ({ login }, { account: { name, id, kind, baseUrl }, store }) => ({
    event: 'account.added',
    account: name,
    id,
    kind,
    baseUrl,
    // A linked login is in no store of ours.
    store: login?.linkedTo ? 'claude-code' : store,
  }),
  'account.login': (_, { account: { name } }) => ({ event: 'account.signedIn', account: name }),
  'account.remove': (_, { name }) => ({ event: 'account.removed', account: name }),
  'account.pause': (_, { name }) => ({ event: 'account.paused', account: name }),
  'account.resume': (_, { name }) => ({ event: 'account.resumed', account: name }),
  'account.pauseAll': (_, { names }) => ({ event: 'accounts.paused', accounts: names }),
  'account.resumeAll': (_, { names }) => ({ event: 'accounts.resumed', accounts: names }),
  'account.prefer': (_, view) => ({ event: 'account.preferred', account: view?.name ?? null }),
  'account.rename': ({ account, to }) => ({ event: 'account.renamed', account, to }),
  'account.set': (args, { name }) => ({
    ...Object.fromEntries(Object.entries(args).filter(([, value]) => value !== null)),
    event: 'account.changed',
    account: name,
  }),
  'account.reset': (_, { name }) => ({ event: 'account.reset', account: name }),
  'secret.set': (_, { name }) => ({ event: 'secret.stored', secret: name }),
  'secret.delete': (_, { name }) => ({ event: 'secret.deleted', secret: name }),
  'key.create': (_, { key }) => ({ event: 'key.created', key: key.name }),
  'key.rotate': (_, { key }) => ({ event: 'key.rotated', key: key.name }),
  'key.revoke': (_, { name }) => ({ event: 'key.revoked', key: name }),
  'vault.passwd': ({ kdf }) => ({ event: 'vault.locked', passphrase: kdf !== null }),
  'vault.unlock': () => ({ event: 'vault.unlocked' }),
  'vault.rotate': () => ({ event: 'vault.rotated' }),
  'vault.move': ({ to }, { accounts, clientKeys, named }) => ({
    event: 'secrets.moved',
    to,
    accounts,
    clientKeys,
    named,
  }),
  'config.set': ({ key, value }) => settingChanged(key, value),
  'config.unset': ({ key }) => settingChanged(key, null),
};

/** What the audit log says of a command that was carried out; null for one that changes nothing of interest. */
export const auditOf = (command: Command, result: unknown): AuditEvent | null => {
  const row = rows[command.name] as ((args: unknown, result: unknown) => AuditEvent) | undefined;
  return row === undefined ? null : row(command.args, result);
};
