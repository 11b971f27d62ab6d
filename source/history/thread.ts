import { Worker } from 'node:worker_threads';
import { packMessage, type FromHistory, type HistorySettings, type ToHistory } from './messages.ts';

export type Thread = {
  post(message: ToHistory): void;
  /** Asks the thread to finish, waits for its end, and ends it after `limitMs`. Never rejects. */
  end(limitMs: number): Promise<void>;
};

export type ThreadListeners = {
  onMessage(message: FromHistory): void;
  /** The thread has ended by an error, and takes nothing more. */
  onDeath(error: unknown): void;
};

/** Starts the thread that writes the history. */
export const startThread = (workerData: HistorySettings, listeners: ThreadListeners): Thread => {
  // The compiled program has worker.js; tests run the TypeScript file itself.
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  const worker = new Worker(new URL(`./worker.${extension}`, import.meta.url), {
    name: 'history',
    workerData,
    // Neither the flags nor the environment of the program (which may hold secrets) are its business, and what a
    // thread prints would tear the screen.
    execArgv: [],
    env: {},
    stdout: true,
    stderr: true,
  });
  const post = (message: ToHistory): void => worker.postMessage(packMessage(message));
  const exit = Promise.withResolvers<void>();
  worker.on('message', listeners.onMessage);
  worker.on('error', listeners.onDeath);
  worker.once('exit', () => exit.resolve());
  // A program that forgets to close the history still ends.
  worker.unref();
  return {
    post,
    async end(limitMs) {
      worker.ref();
      post({ type: 'close' });
      const limit = setTimeout(() => void worker.terminate(), limitMs);
      await exit.promise;
      clearTimeout(limit);
    },
  };
};
