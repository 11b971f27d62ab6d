import { Worker } from 'node:worker_threads';
import { CcrError } from '../shared/errors.ts';
import type { FromDemo, ToDemo } from './messages.ts';

/** The simulated provider and its users, in a thread of their own, as the main thread sees them. */
export type DemoWorker = {
  /** Where the provider listens. Rejects when it cannot. */
  listening: Promise<{ url: string }>;
  /** The users begin to ask the proxy at this address. */
  begin(proxyUrl: string): void;
  /** They ask nothing new, and what is under way ends at once. */
  finish(): void;
  terminate(): Promise<void>;
};

export type DemoWorkerOptions = {
  /** The same users do the same for the same number. */
  seed: number;
  /** The owner of an account has given it another token; see `demoKey`. */
  onSignIn?(account: string, renewals: number): void;
  /** The thread ended although nobody asked for it. */
  onCrash(error: Error): void;
};

/** Starts the thread. The compiled program runs `worker.js`, tests run `worker.ts`. */
export const startDemoWorker = ({ seed, onSignIn, onCrash }: DemoWorkerOptions): DemoWorker => {
  const file = import.meta.url.endsWith('.ts') ? './worker.ts' : './worker.js';
  const worker = new Worker(new URL(file, import.meta.url), { workerData: { seed } });
  const tell = (message: ToDemo): void => worker.postMessage(message);
  const listening = Promise.withResolvers<{ url: string }>();
  let ending = false;

  worker.on('message', (message: FromDemo) => {
    if (message.type === 'listening') listening.resolve({ url: message.url });
    else if (message.type === 'signed-in') onSignIn?.(message.account, message.renewals);
    else listening.reject(new CcrError('failed', `the simulated provider cannot listen: ${message.message}`));
  });
  const crashed = (error: Error): void => {
    listening.reject(error);
    if (!ending) onCrash(error);
    ending = true;
  };
  worker.on('error', crashed);
  worker.on('exit', (code) => crashed(new Error(`the demo's thread ended with ${code}`)));

  return {
    listening: listening.promise,
    begin: (url) => tell({ type: 'begin', url }),
    finish: () => tell({ type: 'finish' }),
    async terminate() {
      ending = true;
      await worker.terminate();
    },
  };
};
