import { Worker } from 'node:worker_threads';
import { buffersOf } from '../shared/capture.ts';
import {
  packMessage,
  type CaptureMessage,
  type FromHistory,
  type HistorySettings,
  type ToHistory,
} from './messages.ts';

export type Thread = {
  post(message: ToHistory): void;
  /** The buffers of a capture are gone here afterwards. */
  postCapture(message: CaptureMessage): void;
  /** Asks the thread to finish, waits for its end, and ends it after `limitMs`. Never rejects. */
  end(limitMs: number): Promise<void>;
};

export type ThreadListeners = {
  onMessage(message: FromHistory): void;
  /** The thread has ended by an error, and takes nothing more. */
  onDeath(error: unknown): void;
};

/** Where Node keeps what it has compiled, if anywhere: each thread reads that for itself. */
const compileCache = (folder = process.env['NODE_COMPILE_CACHE']): Record<string, string> =>
  folder === undefined ? {} : { NODE_COMPILE_CACHE: folder };

/** Starts the thread that writes the history. */
export const startThread = (workerData: HistorySettings, listeners: ThreadListeners): Thread => {
  // The compiled program has worker.js; tests run the TypeScript file itself.
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  const worker = new Worker(new URL(`./worker.${extension}`, import.meta.url), {
    name: 'history',
    workerData,
    // Neither the flags nor the rest of the environment of the program (which may hold secrets) are its business, and
    // what a thread prints would tear the screen.
    execArgv: [],
    env: compileCache(),
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
    postCapture: (message) =>
      worker.postMessage(message, message.type === 'capture' ? buffersOf(message.capture) : []),
    async end(limitMs) {
      worker.ref();
      post({ type: 'close' });
      const limit = setTimeout(() => void worker.terminate(), limitMs);
      await exit.promise;
      clearTimeout(limit);
    },
  };
};
