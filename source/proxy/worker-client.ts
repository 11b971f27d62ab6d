import { Worker } from 'node:worker_threads';
import { CcrError, errorFromShape } from '../shared/errors.ts';
import type { ProxyEvent } from '../shared/events.ts';
import type { Secret } from '../shared/secret.ts';
import type { AccountId, AccountRecord, SecretStoreName } from '../shared/types.ts';
import type { Config } from '../config/schema.ts';
import type { Bound } from './listen.ts';
import type { FromWorker, ToWorker, WorkerSettings } from './messages.ts';
import { PendingCalls } from './pending-calls.ts';

export type StoredSecret = { store: SecretStoreName; notice: string | null };

type SecretAnswer = Extract<FromWorker, { type: 'secret.stored' | 'secret.removed' }>;

/** The data plane as the main thread sees it. */
export type ProxyWorker = {
  /** Resolves when the port is bound; rejects with the reason why not. */
  listening: Promise<Bound>;
  setAccounts(accounts: AccountRecord[]): void;
  setConfig(config: Config): void;
  putSecret(account: AccountId, secret: Secret, decided: SecretStoreName | null): Promise<StoredSecret>;
  removeSecret(account: AccountId, store: SecretStoreName): Promise<void>;
  /** Resolves with the number of requests that had to be cut. */
  drain(limitMs: number): Promise<number>;
  terminate(): Promise<void>;
};

export type ProxyWorkerOptions = {
  settings: WorkerSettings;
  /** A batch of events; it is acknowledged when this returns. */
  onEvents(events: ProxyEvent[]): void;
  /** The thread ended although nobody asked for it; its requests were cut. */
  onCrash(error: Error): void;
};

/** Starts the data plane in its own thread. The compiled program runs `worker.js`, tests run `worker.ts`. */
export const startProxyWorker = ({ settings, onEvents, onCrash }: ProxyWorkerOptions): ProxyWorker => {
  const file = import.meta.url.endsWith('.ts') ? './worker.ts' : './worker.js';
  const worker = new Worker(new URL(file, import.meta.url), { workerData: settings });
  const tell = (message: ToWorker, transfer: ArrayBuffer[] = []): void =>
    worker.postMessage(message, transfer);
  const calls = new PendingCalls<SecretAnswer>();
  const listening = Promise.withResolvers<Bound>();
  const drained = Promise.withResolvers<number>();
  let ending = false;

  worker.on('message', (message: FromWorker) => {
    if (message.type === 'events') {
      onEvents(message.events);
      tell({ type: 'acknowledged', batch: message.batch });
    } else if (message.type === 'listening') listening.resolve(message);
    else if (message.type === 'failed') listening.reject(errorFromShape(message.error));
    else if (message.type === 'drained') drained.resolve(message.cut);
    else if (message.type === 'secret.failed') calls.answer(message.call, errorFromShape(message.error));
    else calls.answer(message.call, message);
  });
  const crashed = (error: Error): void => {
    listening.reject(error);
    if (!ending) onCrash(error);
    ending = true;
  };
  worker.on('error', crashed);
  worker.on('exit', (code) => {
    // Without an error before it this is an exit that nobody asked for; nothing serves any more either way.
    crashed(new Error(`it ended with ${code}`));
    drained.resolve(0);
    calls.failAll(new CcrError('failed', 'the proxy has stopped'));
  });

  return {
    listening: listening.promise,
    setAccounts: (accounts) => tell({ type: 'accounts', accounts }),
    setConfig: (config) => tell({ type: 'config', config }),
    async putSecret(account, secret, decided) {
      const bytes = new TextEncoder().encode(secret.reveal());
      // Posting copies the bytes; this copy is wiped at once.
      const stored = calls.ask((call) => tell({ type: 'secret.put', call, account, secret: bytes, decided }));
      bytes.fill(0);
      return storedOf(await stored);
    },
    async removeSecret(account, store) {
      await calls.ask((call) => tell({ type: 'secret.remove', call, account, store }));
    },
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

const storedOf = (answer: SecretAnswer): StoredSecret => {
  if (answer.type !== 'secret.stored') throw new CcrError('failed', 'the proxy gave an unexpected answer');
  return { store: answer.store, notice: answer.notice };
};
