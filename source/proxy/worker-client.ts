import { Worker } from 'node:worker_threads';
import { CcrError, errorFromShape } from '../shared/errors.ts';
import type { ProxyEvent } from '../shared/events.ts';
import { unpackEvents } from '../shared/packed-events.ts';
import { bytesOfSecret } from '../shared/secret-bytes.ts';
import type { Secret } from '../shared/secret.ts';
import type { AccountId, AccountRecord, SecretStoreName } from '../shared/types.ts';
import type { HashedKey, PepperPlace } from '../credentials/key-pepper.ts';
import type { ClientKeyRecord } from '../shared/client-key.ts';
import type { Spending } from './key-limits.ts';
import type { Config } from '../config/schema.ts';
import type { Bound } from './listen.ts';
import type { FromWorker, ToWorker, WorkerSettings } from './messages.ts';
import { PendingCalls } from './pending-calls.ts';

export type StoredSecret = { store: SecretStoreName; notice: string | null };

type SecretAnswer = Extract<FromWorker, { type: 'secret.stored' | 'secret.removed' | 'key.hashed' }>;

/** The data plane as the main thread sees it. */
export type ProxyWorker = {
  /** Resolves when the port is bound; rejects with the reason why not. */
  listening: Promise<Bound>;
  setAccounts(accounts: AccountRecord[]): void;
  setConfig(config: Config): void;
  putSecret(account: AccountId, secret: Secret, decided: SecretStoreName | null): Promise<StoredSecret>;
  removeSecret(account: AccountId, store: SecretStoreName): Promise<void>;
  setClientKeys(keys: ClientKeyRecord[]): void;
  setSpending(spending: ReadonlyMap<string, Spending>): void;
  /** See `KeyHasher`; done in the thread that has the secret. */
  hashKey(key: Secret, place: PepperPlace): Promise<HashedKey>;
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
  const tell = (message: ToWorker): void => worker.postMessage(message);
  const secrets = secretCalls(tell);
  const listening = Promise.withResolvers<Bound>();
  const drained = Promise.withResolvers<number>();
  let ending = false;

  worker.on('message', (message: FromWorker) => {
    if (message.type === 'events') {
      onEvents(unpackEvents(message.json));
      tell({ type: 'acknowledged', batch: message.batch });
    } else if (message.type === 'listening') listening.resolve(message);
    else if (message.type === 'failed') listening.reject(errorFromShape(message.error));
    else if (message.type === 'drained') drained.resolve(message.cut);
    else if (message.type === 'secret.failed') secrets.answer(message.call, errorFromShape(message.error));
    else secrets.answer(message.call, message);
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
    secrets.close();
  });

  return {
    listening: listening.promise,
    setAccounts: (accounts) => tell({ type: 'accounts', accounts }),
    setConfig: (config) => tell({ type: 'config', config }),
    setClientKeys: (keys) => tell({ type: 'keys', keys }),
    setSpending: (spending) => tell({ type: 'spending', spending }),
    hashKey: secrets.hashKey,
    putSecret: secrets.putSecret,
    removeSecret: secrets.removeSecret,
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

/** What is asked of the thread about secrets, and answered. */
const secretCalls = (tell: (message: ToWorker) => void) => {
  const calls = new PendingCalls<SecretAnswer>();
  let gone = false;
  // A thread that has gone answers nothing; asking it would wait for ever.
  const ask = (send: (call: number) => void): Promise<SecretAnswer> =>
    gone ? Promise.reject(stopped()) : calls.ask(send);
  return {
    answer: (call: number, answer: SecretAnswer | Error) => calls.answer(call, answer),
    close() {
      gone = true;
      calls.failAll(stopped());
    },
    async putSecret(account: AccountId, secret: Secret, decided: SecretStoreName | null) {
      const bytes = bytesOfSecret(secret);
      // Posting copies the bytes; this copy is wiped at once.
      const stored = ask((call) => tell({ type: 'secret.put', call, account, secret: bytes, decided }));
      bytes.fill(0);
      return storedOf(await stored);
    },
    async hashKey(secret: Secret, place: PepperPlace): Promise<HashedKey> {
      const key = bytesOfSecret(secret);
      const hashed = ask((call) => tell({ type: 'key.hash', call, key, place }));
      key.fill(0);
      const answer = await hashed;
      if (answer.type === 'key.hashed') return answer.hashed;
      throw new CcrError('failed', 'the proxy gave an unexpected answer');
    },
    async removeSecret(account: AccountId, store: SecretStoreName) {
      await ask((call) => tell({ type: 'secret.remove', call, account, store }));
    },
  };
};

const stopped = (): CcrError =>
  new CcrError('failed', 'the proxy has stopped', { hint: 'try again when it has started again' });

const storedOf = (answer: SecretAnswer): StoredSecret => {
  if (answer.type !== 'secret.stored') throw new CcrError('failed', 'the proxy gave an unexpected answer');
  return { store: answer.store, notice: answer.notice };
};
