import type { Paths } from '../config/paths.ts';
import type { HashedKey, PepperPlace } from '../credentials/key-pepper.ts';
import type { Config } from '../config/schema.ts';
import type { ClientKeyRecord } from '../shared/client-key.ts';
import type { ErrorShape } from '../shared/errors.ts';
import type { Spending } from './key-limits.ts';
import type { AccountId, AccountRecord, SecretStoreName } from '../shared/types.ts';

// What crosses between the main thread and the proxy worker. Secrets travel only in `secret.put` and `key.hash`, as bytes.

export type WorkerSettings = {
  config: Config;
  accounts: AccountRecord[];
  paths: Paths;
  clientKeys?: ClientKeyRecord[];
  /** See `ClientKeysOptions`. */
  spending?: ReadonlyMap<string, Spending> | null;
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
  | { type: 'keys'; keys: ClientKeyRecord[] }
  | { type: 'spending'; spending: ReadonlyMap<string, Spending> }
  | { type: 'key.hash'; call: number; key: Uint8Array; place: PepperPlace }
  | { type: 'secret.remove'; call: number; account: AccountId; store: SecretStoreName }
  /** Stop accepting; answer `drained` when the last request has ended or `limitMs` are over. */
  | { type: 'drain'; limitMs: number };

export type FromWorker =
  | { type: 'listening'; url: string; host: string; port: number }
  | { type: 'failed'; error: ErrorShape }
  /** `json`: ProxyEvents, packed. As text they cross in half the time that their objects take (measured). */
  | { type: 'events'; batch: number; json: string }
  | { type: 'secret.stored'; call: number; store: SecretStoreName; notice: string | null }
  | { type: 'secret.removed'; call: number }
  | { type: 'key.hashed'; call: number; hashed: HashedKey }
  | { type: 'secret.failed'; call: number; error: ErrorShape }
  | { type: 'drained'; cut: number };
