import type { AuditEntry } from './audit-entry.ts';
import type { BudgetView } from './budget.ts';
import type { CaptureStatus, FoundHeads } from './capture.ts';
import type { Statistics } from './statistics.ts';
import type { PoolForecast } from './forecast.ts';
import type { ClientKeyKind, ClientKeyView, KeyLimits } from './client-key.ts';
import type {
  AccountKind,
  AccountView,
  LoginFacts,
  OveragePolicy,
  RequestId,
  SecretStoreName,
  MovableStore,
  PassphraseKdf,
} from './types.ts';

export type NewAccount = {
  name: string;
  kind: AccountKind;
  /** null = the kind's own default. */
  baseUrl: string | null;
  priority: number | null;
  weight: number | null;
  /** See `AccountRecord`; absent or empty = none. */
  caps?: AccountChange['caps'];
  /** See `AccountRecord`; absent or empty = every model. */
  models?: AccountChange['models'];
  /** See `AccountRecord`; absent = the default. */
  overage?: AccountChange['overage'];
  /** See `AccountRecord`; absent or 0 = any number. */
  concurrent?: AccountChange['concurrent'];
  /** Absent = in service. */
  paused?: boolean;
  /** See `AccountRecord`. */
  importedFrom?: string | null;
  /** Of kind `login` and `setup-token` only, where it is needed: its owner has said yes. */
  login?: LoginFacts | null;
};

/** What is to become of an account; null = it stays as it is. */
export type AccountChange = {
  priority: number | null;
  weight: number | null;
  /** Empty = none. */
  caps: Readonly<Record<string, number>> | null;
  /** Empty = every model. */
  models: readonly string[] | null;
  /** Absent = it stays as it is. */
  overage?: OveragePolicy | null;
  /** 0 = any number; absent = it stays as it is. */
  concurrent?: number | null;
  baseUrl: string | null;
};

/** A secret that has a name and may serve several accounts; never the secret itself. */
export type NamedSecret = { name: string; store: SecretStoreName };

/** What came of asking a provider for its models with the secret of one account: no model runs, no token is spent. */
export type AccountTest = {
  /** Name of the account. */
  account: string;
  /** What was asked for. */
  url: string;
  /** null when no answer came. */
  status: number | null;
  /** Until the whole answer was there, or it was clear that none comes. */
  ms: number;
  /** How many models it named; null when it named none that we understand. */
  models: number | null;
  /** Why it does not work, in words; null when it does. */
  problem: string | null;
};

/**
 * What a running instance can be asked to do, over the control socket or from its own screen.
 * A secret never is among the arguments: it travels beside the command as bytes that nothing logs.
 */
export type Command =
  | { name: 'status'; args: Record<string, never> }
  | { name: 'account.list'; args: Record<string, never> }
  | { name: 'account.add'; args: NewAccount & { force: boolean } }
  /** Puts the login that comes with it in the place of the one that the account had. */
  | { name: 'account.login'; args: { account: string; login: LoginFacts; force: boolean } }
  | { name: 'account.remove'; args: { account: string } }
  | { name: 'account.pause'; args: { account: string } }
  | { name: 'account.resume'; args: { account: string } }
  | { name: 'account.pauseAll'; args: Record<string, never> }
  | { name: 'account.resumeAll'; args: Record<string, never> }
  /** New work goes to that account first; null = to none. */
  | { name: 'account.prefer'; args: { account: string | null } }
  | { name: 'account.rename'; args: { account: string; to: string } }
  | { name: 'account.set'; args: { account: string } & AccountChange }
  | { name: 'account.reset'; args: { account: string } }
  /** Renews the login of an account now. */
  | { name: 'account.refresh'; args: { account: string } }
  /** Reads the usage of a Claude login now. */
  | { name: 'account.usage'; args: { account: string } }
  | { name: 'account.test'; args: { account: string } }
  | { name: 'secret.set'; args: { name: string } }
  | { name: 'secret.list'; args: Record<string, never> }
  | { name: 'secret.delete'; args: { name: string } }
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
  /** Sums of finished requests in slots of time, the last one with now in it. */
  | { name: 'statistics'; args: { slotMs: number; slots: number } }
  /** What is written down of an account, newest first; see `AuditEntry`. */
  | { name: 'audit.list'; args: { account: string } }
  /** Of one that is held: answered now as it would be at the end of its time, or given up. */
  | { name: 'request.release'; args: { request: string } }
  | { name: 'request.cancel'; args: { request: string } }
  /** What was captured of the heads of one request. */
  | { name: 'request.heads'; args: { request: string } }
  /** With the passphrase, where there is to be one. */
  | { name: 'vault.init'; args: VaultProtection }
  | { name: 'vault.passwd'; args: VaultProtection }
  | { name: 'vault.unlock'; args: Record<string, never> }
  | { name: 'vault.rotate'; args: Record<string, never> }
  | { name: 'vault.move'; args: { to: MovableStore } }
  | { name: 'config.set'; args: { key: string; value: unknown } }
  | { name: 'config.unset'; args: { key: string } }
  | { name: 'stop'; args: Record<string, never> };

/** How a vault is to be locked: null = with a random key in a file beside it. */
export type VaultProtection = { kdf: PassphraseKdf | null };

/** What `vault move` has done; sentences in `left` say what stayed where it was, and why. */
export type MoveReport = { accounts: number; clientKeys: number; named: number; left: string[] };

export type CommandName = Command['name'];
export type CommandArgs<Name extends CommandName> = Extract<Command, { name: Name }>['args'];

/** What each command answers. */
export type CommandResults = {
  status: InstanceStatus;
  'account.list': AccountView[];
  'account.add': { account: AccountView; store: SecretStoreName; notice: string | null };
  'account.login': { account: AccountView; store: SecretStoreName };
  /** `notice` says when the secret could not be removed. */
  'account.remove': { name: string; notice?: string | null };
  'account.pause': AccountView;
  'account.resume': AccountView;
  /** The names of those that were not so before. */
  'account.pauseAll': { names: string[] };
  'account.resumeAll': { names: string[] };
  /** null = no account is preferred. */
  'account.prefer': AccountView | null;
  'account.rename': AccountView;
  'account.set': AccountView;
  'account.reset': AccountView;
  'account.refresh': AccountView;
  'account.usage': AccountView;
  'account.test': AccountTest;
  'secret.set': { name: string; store: SecretStoreName; notice: string | null };
  'secret.list': NamedSecret[];
  'secret.delete': { name: string };
  /** The key itself came with the command. `required`: with this one clients have to show a key. */
  'key.create': { key: ClientKeyView; notice: string | null; required: boolean };
  'key.list': ClientKeyView[];
  'key.rotate': { key: ClientKeyView; notice: string | null };
  'key.revoke': ClientKeyView;
  statistics: Statistics;
  'audit.list': AuditEntry[];
  'request.release': { id: RequestId };
  'request.cancel': { id: RequestId };
  'request.heads': FoundHeads;
  'vault.init': Record<string, never>;
  'vault.passwd': Record<string, never>;
  'vault.unlock': Record<string, never>;
  'vault.rotate': Record<string, never>;
  'vault.move': MoveReport;
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
  /** Money: sum over the requests of accounts that are paid by the token, as far as the price is known. */
  costUsd: number;
  /** What the others, of plans, would have cost by list prices. */
  listValueUsd: number;
  /** Requests with tokens whose price is not known: in neither sum. */
  unpricedRequests: number;
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
  /** Absent of an older instance. */
  capture?: CaptureStatus;
  accounts: AccountView[];
  /** Absent when an older instance does not tell. */
  budgets?: BudgetView[];
  /** null = too little is known; absent of an older instance. */
  pool?: PoolForecast | null;
  totals: Totals;
};
