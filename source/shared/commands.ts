import type { ClientKeyKind, ClientKeyView, KeyLimits } from './client-key.ts';
import type { AccountKind, AccountView, SecretStoreName } from './types.ts';

export type NewAccount = {
  name: string;
  kind: AccountKind;
  /** null = the kind's own default. */
  baseUrl: string | null;
  priority: number | null;
  weight: number | null;
};

/**
 * What a running instance can be asked to do, over the control socket or from its own screen.
 * A secret never is among the arguments: it travels beside the command as bytes that nothing logs.
 */
export type Command =
  | { name: 'status'; args: Record<string, never> }
  | { name: 'account.list'; args: Record<string, never> }
  | { name: 'account.add'; args: NewAccount & { force: boolean } }
  | { name: 'account.remove'; args: { account: string } }
  | { name: 'account.pause'; args: { account: string } }
  | { name: 'account.resume'; args: { account: string } }
  | {
      name: 'key.create';
      args: {
        name: string;
        kind: ClientKeyKind;
        limits: KeyLimits;
        /** The process that the key ends with; null for none. */
        pid: number | null;
      };
    }
  | { name: 'key.list'; args: Record<string, never> }
  | { name: 'key.rotate'; args: { key: string; graceMs: number } }
  | { name: 'key.revoke'; args: { key: string; kind: ClientKeyKind | null } }
  | { name: 'config.set'; args: { key: string; value: unknown } }
  | { name: 'config.unset'; args: { key: string } }
  | { name: 'stop'; args: Record<string, never> };

export type CommandName = Command['name'];
export type CommandArgs<Name extends CommandName> = Extract<Command, { name: Name }>['args'];

/** What each command answers. */
export type CommandResults = {
  status: InstanceStatus;
  'account.list': AccountView[];
  'account.add': { account: AccountView; store: SecretStoreName; notice: string | null };
  /** `notice` says when the secret could not be removed. */
  'account.remove': { name: string; notice?: string | null };
  'account.pause': AccountView;
  'account.resume': AccountView;
  /** The key itself came with the command. `required`: with this one clients have to show a key. */
  'key.create': { key: ClientKeyView; notice: string | null; required: boolean };
  'key.list': ClientKeyView[];
  'key.rotate': { key: ClientKeyView; notice: string | null };
  'key.revoke': ClientKeyView;
  /** `restart`: the value takes effect at the next start. */
  'config.set': { restart: boolean };
  'config.unset': { restart: boolean };
  stop: { draining: number };
};

/** What carries these commands out, one for each; `secret` null = the command came without one. */
export type CommandHandlers<Names extends CommandName = CommandName> = {
  [Name in Names]: (
    args: CommandArgs<Name>,
    secret: Uint8Array | null,
  ) => Promise<CommandResults[Name]> | CommandResults[Name];
};

export type Totals = {
  requests: number;
  errors: number;
  retries: number;
  inputTokens: number;
  outputTokens: number;
  cacheReadTokens: number;
  /** Sum over the requests whose price is known. */
  costUsd: number;
};

/** The instance as `status` describes it; times in epoch ms, rendered as ISO 8601 by the command. */
export type InstanceStatus = {
  version: string;
  url: string;
  pid: number;
  uptimeMs: number;
  strategy: string;
  credentialStore: string;
  inFlight: number;
  history: { ok: boolean; reason: string | null };
  accounts: AccountView[];
  totals: Totals;
};
