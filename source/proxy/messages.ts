import type { Paths } from '../config/paths.ts';
import type { HashedKey, PepperPlace } from '../credentials/key-pepper.ts';
import type { PassphraseFile } from '../credentials/passphrase-file.ts';
import type { StoreOperation } from '../credentials/store-operation.ts';
import type { Profile } from '../credentials/profile.ts';
import type { Config } from '../config/schema.ts';
import type { AccountCost } from '../shared/account-cost.ts';
import type { SpentBudget } from '../shared/budget.ts';
import type { AccountTest } from '../shared/commands.ts';
import type { ClientKeyRecord } from '../shared/client-key.ts';
import type { ErrorShape } from '../shared/errors.ts';
import type { PassedCapture } from '../shared/capture.ts';
import type { CaptureRules } from './captures.ts';
import type { Spending } from './key-limits.ts';
import type {
  AccountId,
  AccountRecord,
  AccountView,
  EpochMs,
  RequestId,
  SecretStoreName,
} from '../shared/types.ts';

// What crosses between the main thread and the proxy worker. Secrets travel only in `secret.put`, `login.replace`, `capture.keyFound`,
// `named.set`, `key.hash` and `store`, as bytes.

export type WorkerSettings = {
  config: Config;
  accounts: AccountRecord[];
  paths: Paths;
  clientKeys?: ClientKeyRecord[];
  /** See `ClientKeysOptions`. */
  spending?: ReadonlyMap<string, Spending> | null;
  /** See `ProxyOptions`. */
  budgets?: readonly SpentBudget[] | null;
  /** See `Captures`; left out = nothing is captured. */
  capture?: CaptureRules;
  /** Where the vault's passphrase is, when it is in a file. */
  passphraseFile?: PassphraseFile | null;
};

export type ToWorker =
  | { type: 'accounts'; accounts: AccountRecord[] }
  | { type: 'config'; config: Config }
  | { type: 'acknowledged'; batch: number }
  | {
      type: 'secret.put';
      call: number;
      account: AccountId;
      secret: Uint8Array;
      decided: SecretStoreName | null;
    }
  /** Puts the login in the place of the one that the account had in its own store. */
  | { type: 'login.replace'; call: number; record: AccountRecord; login: Uint8Array }
  | { type: 'keys'; keys: ClientKeyRecord[] }
  | { type: 'spending'; spending: ReadonlyMap<string, Spending> }
  | { type: 'budgets'; spent: readonly SpentBudget[] }
  | { type: 'capture'; rules: CaptureRules }
  /** So many captures are in the memory of nobody any more. */
  | { type: 'capture.taken'; count: number }
  /** See `CaptureKeys.loadOrMake`. */
  | { type: 'capture.key'; call: number; decided: SecretStoreName | null }
  | { type: 'costs'; costs: readonly AccountCost[] }
  | { type: 'key.hash'; call: number; key: Uint8Array; place: PepperPlace }
  /** See `StoreOperation`. */
  | { type: 'store'; call: number; operation: StoreOperation; secret: Uint8Array | null }
  | { type: 'secret.remove'; call: number; account: AccountId; store: SecretStoreName }
  /** See `Holds`. */
  | { type: 'hold.end'; request: RequestId; how: 'over' | 'cancelled' }
  | {
      type: 'named.set';
      call: number;
      name: string;
      secret: Uint8Array;
      decided: SecretStoreName | null;
    }
  | { type: 'named.list'; call: number; store: SecretStoreName }
  | { type: 'named.delete'; call: number; name: string; store: SecretStoreName }
  | { type: 'account.reset'; call: number; account: AccountId }
  | { type: 'token.refresh'; call: number; account: AccountId }
  | { type: 'account.usage'; call: number; account: AccountId }
  | { type: 'account.test'; call: number; account: AccountId }
  /** Stop accepting; answer `drained` when the last request has ended or `limitMs` are over. */
  | { type: 'drain'; limitMs: number };

export type FromWorker =
  | { type: 'listening'; url: string; host: string; port: number }
  | { type: 'failed'; error: ErrorShape }
  /** `json`: ProxyEvents, packed. As text they cross in half the time that their objects take (measured). */
  | { type: 'events'; batch: number; json: string }
  | { type: 'secret.stored'; call: number; store: SecretStoreName; notice: string | null }
  | { type: 'captured'; capture: PassedCapture }
  | { type: 'capture.keyFound'; call: number; key: Uint8Array; notice: string | null }
  | { type: 'secret.removed'; call: number }
  | { type: 'login.replaced'; call: number }
  | { type: 'key.hashed'; call: number; hashed: HashedKey }
  | { type: 'named.listed'; call: number; names: string[] }
  | { type: 'named.deleted'; call: number; found: boolean }
  | { type: 'account.wasReset'; call: number; account: AccountView | null }
  /** When the token of the renewed login ends; null when nobody knows. */
  | { type: 'token.refreshed'; call: number; expiresAt: EpochMs | null }
  | { type: 'account.usageRead'; call: number; account: AccountView | null }
  /** Who a login belongs to, when that was not known. */
  | { type: 'login.profile'; account: AccountId; profile: Profile }
  | { type: 'account.tested'; call: number; result: AccountTest }
  | { type: 'store.done'; call: number; answer: readonly string[] }
  | { type: 'secret.failed'; call: number; error: ErrorShape }
  | { type: 'drained'; cut: number };
