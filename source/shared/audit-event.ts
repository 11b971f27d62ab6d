import type { Command, CommandArgs, CommandName, CommandResults } from './commands.ts';

// What is written down for whoever asks later who changed what. Names and addresses, never a secret.

/** Who asked: a command of its own, the screen that holds the proxy, a screen attached to it, the instance itself. */
export type AuditVia = 'cli' | 'screen' | 'attached' | 'instance';

export type AuditEvent =
  /** `url` is for this machine; `host` is what it listens on, and so who can reach it. */
  | { event: 'instance.started'; url: string; host: string; version: string }
  | { event: 'instance.stopped'; url: string }
  | { event: 'account.added'; account: string; id: string; kind: string; baseUrl: string; store: string }
  | { event: 'account.removed' | 'account.paused' | 'account.resumed'; account: string }
  | { event: 'key.created' | 'key.rotated' | 'key.revoked'; key: string }
  /** Where it listens and who may come in; `value` null is the default again. */
  | { event: 'bind.changed' | 'setting.changed'; setting: string; value: unknown }
  /** How often within a second or so, and from where (the first few addresses). */
  | { event: 'auth.failed'; count: number; addresses: readonly string[] }
  | { event: 'client.connected' | 'client.disconnected'; client: string; path: string }
  | { event: 'vault.created'; path: string }
  /** Records before this one could not be written. */
  | { event: 'audit.resumed'; lost: number };

/** Settings that decide where the proxy listens and who reaches it. */
const bindSettings = /^(?:host|port|tls(?:\..+)?|allowed\w+|insecureBind|trustedProxies|requireClientKey)$/;

/** The event of a setting that was changed; `value` null when it was put back to its default. */
export const settingChanged = (setting: string, value: unknown): AuditEvent => ({
  event: bindSettings.test(setting) ? 'bind.changed' : 'setting.changed',
  setting,
  value,
});

type Row<Name extends CommandName> = (args: CommandArgs<Name>, result: CommandResults[Name]) => AuditEvent;

const rows: { [Name in CommandName]?: Row<Name> } = {
  'account.add': (_, { account: { name, id, kind, baseUrl }, store }) => ({
    event: 'account.added',
    account: name,
    id,
    kind,
    baseUrl,
    store,
  }),
  'account.remove': (_, { name }) => ({ event: 'account.removed', account: name }),
  'account.pause': (_, { name }) => ({ event: 'account.paused', account: name }),
  'account.resume': (_, { name }) => ({ event: 'account.resumed', account: name }),
  'key.create': (_, { key }) => ({ event: 'key.created', key: key.name }),
  'key.rotate': (_, { key }) => ({ event: 'key.rotated', key: key.name }),
  'key.revoke': (_, { name }) => ({ event: 'key.revoked', key: name }),
  'config.set': ({ key, value }) => settingChanged(key, value),
  'config.unset': ({ key }) => settingChanged(key, null),
};

/** What the audit log says of a command that was carried out; null for one that changes nothing of interest. */
export const auditOf = (command: Command, result: unknown): AuditEvent | null => {
  const row = rows[command.name] as ((args: unknown, result: unknown) => AuditEvent) | undefined;
  return row === undefined ? null : row(command.args, result);
};
