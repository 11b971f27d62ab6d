import { atMost } from './shared/at-most.ts';
import type { Store } from './store/store.ts';

/** How long the data plane may take to tell of a change. */
const patienceMs = 1000;

/** Resolves when everybody sees what was asked for, and after a second in any case. Never rejects. */
export const untilState = async (
  store: Pick<Store, 'subscribe'>,
  isSettled: () => boolean,
): Promise<void> => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const check = (): void => {
    if (isSettled()) resolve();
  };
  const unsubscribe = store.subscribe(check);
  check();
  await atMost(promise, patienceMs);
  unsubscribe();
};
