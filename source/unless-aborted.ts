import { CcrError } from './shared/errors.ts';

/** What is wanted, or a rejection as soon as the signal says that nobody wants it any more. */
export const unlessAborted = async <Value>(wanted: Promise<Value>, signal?: AbortSignal): Promise<Value> => {
  if (signal === undefined) return wanted;
  const aborted = Promise.withResolvers<never>();
  const abort = (): void => aborted.reject(new CcrError('failed', 'stopped before it had started'));
  if (signal.aborted) abort();
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([wanted, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
};
