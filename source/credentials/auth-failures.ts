import type { Audit } from './audit.ts';

/** Failed sign-ins on their way to the audit log: one record a second, however many there are. */
export type AuthFailures = {
  /** Another failed attempt from that address. */
  add(address: string): void;
  /** Writes what was counted and stops counting. */
  close(): Promise<void>;
};

const everyMs = 1000;
/** So many addresses are named in a record; further ones only count. */
const named = 5;

/** The first failure is recorded at once, what follows within the same second together at its end. */
export const createAuthFailures = (audit: Audit): AuthFailures => {
  let count = 0;
  let timer: NodeJS.Timeout | null = null;
  const addresses = new Set<string>();

  const flush = async (): Promise<void> => {
    if (count === 0) return;
    const event = { event: 'auth.failed', count, addresses: [...addresses] } as const;
    count = 0;
    addresses.clear();
    await audit.record(event, 'instance');
  };
  const pause = (): void => {
    timer = setTimeout(() => {
      timer = null;
      if (count === 0) return;
      void flush();
      pause();
    }, everyMs);
    timer.unref();
  };

  return {
    add(address) {
      count += 1;
      if (addresses.size < named) addresses.add(address);
      if (timer !== null) return;
      void flush();
      pause();
    },
    close() {
      if (timer !== null) clearTimeout(timer);
      timer = null;
      return flush();
    },
  };
};
