import { Worker } from 'node:worker_threads';
import { errorFromShape } from '../shared/errors.ts';
import type { ProxyEvent } from '../shared/events.ts';
import { unpackEvents } from '../shared/packed-events.ts';
import type { AccountCost } from '../shared/account-cost.ts';
import type { SpentBudget } from '../shared/budget.ts';
import type { AccountTest } from '../shared/commands.ts';
import type { Secret } from '../shared/secret.ts';
import type {
  AccountId,
  AccountRecord,
  AccountView,
  EpochMs,
  RequestId,
  SecretStoreName,
} from '../shared/types.ts';
import type { NamedSecrets } from '../credentials/secret-keeper.ts';
import type { Profile } from '../credentials/profile.ts';
import type { HashedKey, PepperPlace } from '../credentials/key-pepper.ts';
import type { RunStoreOperation } from '../credentials/store-operation.ts';
import type { ClientKeyRecord } from '../shared/client-key.ts';
import type { PassedCapture } from '../shared/capture.ts';
import type { CaptureRules } from './captures.ts';
import type { Spending } from './key-limits.ts';
import type { Config } from '../config/schema.ts';
import type { Bound } from './listen.ts';
import type { FromWorker, ToWorker, WorkerSettings } from './messages.ts';
import { secretCalls } from './worker-calls.ts';

export type StoredSecret = { store: SecretStoreName; notice: string | null };

/** The data plane as the main thread sees it. */
export type ProxyWorker = {
  /** Resolves when the port is bound; rejects with the reason why not. */
  listening: Promise<Bound>;
  setAccounts(accounts: AccountRecord[]): void;
  setConfig(config: Config): void;
  putSecret(account: AccountId, secret: Secret, decided: SecretStoreName | null): Promise<StoredSecret>;
  removeSecret(account: AccountId, store: SecretStoreName): Promise<void>;
  /** Secrets by name; see `NamedSecrets`. */
  named: Omit<NamedSecrets, 'get'>;
  /** See `replaceLogin`; done in the thread that refreshes it. */
  replaceLogin(record: AccountRecord, login: Secret): Promise<void>;
  /** Forgets what answers and failures told of the account; null for one that is not there. */
  resetAccount(account: AccountId): Promise<AccountView | null>;
  /** Reads its usage now. */
  readUsage(account: AccountId): Promise<AccountView | null>;
  /** See `AccountTest`. */
  testAccount(account: AccountId): Promise<AccountTest>;
  /** See `StoreOperation`; done in the thread that has the stores. */
  runStore: RunStoreOperation;
  /** Renews its login; when its token ends then. Rejects with `needs_login` or `failed`. */
  refreshToken(account: AccountId): Promise<EpochMs | null>;
  setClientKeys(keys: ClientKeyRecord[]): void;
  setSpending(spending: ReadonlyMap<string, Spending>): void;
  /** The hard budgets that are spent now. */
  setBudgets(spent: readonly SpentBudget[]): void;
  /** See `Captures.set`. */
  setCapture(rules: CaptureRules): void;
  /** The key that captures are encrypted with; see `CaptureKeys.loadOrMake`. Whoever gets it wipes it. */
  captureKey(decided: SecretStoreName | null): Promise<{ key: Uint8Array; notice: string | null }>;
  /** So many captures that `onCapture` was given are in the memory of nobody any more. */
  capturesTaken(count: number): void;
  /** What requests have cost so far, for /metrics. */
  setCosts(costs: readonly AccountCost[]): void;
  /** See `KeyHasher`; done in the thread that has the secret. */
  hashKey(key: Secret, place: PepperPlace): Promise<HashedKey>;
  /** Ends the wait of a request that is held. */
  endHold(request: RequestId, how: 'over' | 'cancelled'): void;
  /** Resolves with the number of requests that had to be cut. */
  drain(limitMs: number): Promise<number>;
  terminate(): Promise<void>;
};

export type ProxyWorkerOptions = {
  settings: WorkerSettings;
  /** A batch of events; it is acknowledged when this returns. */
  onEvents(events: ProxyEvent[]): void;
  /** Takes what was captured, and tells `capturesTaken` of it some time. */
  onCapture?(capture: PassedCapture): void;
  /** Told who a login belongs to. */
  onProfile?(account: AccountId, profile: Profile): void;
  /** The thread ended although nobody asked for it; its requests were cut. */
  onCrash(error: Error): void;
};

const ignore = (): void => {};

/** What is told without an answer. */
const notesTo = (tell: (message: ToWorker) => void) =>
  ({
    setAccounts: (accounts) => tell({ type: 'accounts', accounts }),
    setConfig: (config) => tell({ type: 'config', config }),
    setClientKeys: (keys) => tell({ type: 'keys', keys }),
    setSpending: (spending) => tell({ type: 'spending', spending }),
    setBudgets: (spent) => tell({ type: 'budgets', spent }),
    setCapture: (rules) => tell({ type: 'capture', rules }),
    capturesTaken: (count) => tell({ type: 'capture.taken', count }),
    setCosts: (costs) => tell({ type: 'costs', costs }),
    endHold: (request, how) => tell({ type: 'hold.end', request, how }),
  }) satisfies Partial<ProxyWorker>;

/** Starts the data plane in its own thread. The compiled program runs `worker.js`, tests run `worker.ts`. */
export const startProxyWorker = ({
  settings,
  onEvents,
  onCapture = ignore,
  onProfile,
  onCrash,
}: ProxyWorkerOptions): ProxyWorker => {
  const file = import.meta.url.endsWith('.ts') ? './worker.ts' : './worker.js';
  const worker = new Worker(new URL(file, import.meta.url), { workerData: settings });
  const tell = (message: ToWorker): void => worker.postMessage(message);
  const { answer, close, ...calls } = secretCalls(tell);
  const listening = Promise.withResolvers<Bound>();
  const drained = Promise.withResolvers<number>();
  let ending = false;

  worker.on('message', (message: FromWorker) => {
    if (message.type === 'events') {
      onEvents(unpackEvents(message.json));
      tell({ type: 'acknowledged', batch: message.batch });
    } else if (message.type === 'listening') listening.resolve(message);
    else if (message.type === 'failed') listening.reject(errorFromShape(message.error));
    else if (message.type === 'captured') onCapture(message.capture);
    else if (message.type === 'login.profile') onProfile?.(message.account, message.profile);
    else if (message.type === 'drained') drained.resolve(message.cut);
    else if (message.type === 'secret.failed') answer(message.call, errorFromShape(message.error));
    else answer(message.call, message);
  });
  const crashed = (error: Error): void => {
    listening.reject(error);
    if (!ending) onCrash(error);
    ending = true;
  };
  // What the thread said before its death may lie in another queue than the death: it is heard first.
  worker.on('error', (error) => setImmediate(crashed, error));
  worker.on('exit', (code) => {
    // Without an error before it this is an exit that nobody asked for; nothing serves any more either way.
    setImmediate(crashed, new Error(`it ended with ${code}`));
    drained.resolve(0);
    close();
  });

  return {
    listening: listening.promise,
    ...calls,
    ...notesTo(tell),
    drain(limitMs) {
      ending = true;
      tell({ type: 'drain', limitMs });
      return drained.promise;
    },
    async terminate() {
      ending = true;
      await worker.terminate();
    },
  };
};
