import { RecentMap } from '../shared/recent-map.ts';
import { addressBucket } from './address-bucket.ts';

// A key of 256 random bits cannot be guessed; whoever tries fast all the same must not fill rows, logs and sockets.
// Only refusals are slowed: a right key from the same address is served at once, for on loopback all share one address.

export type AuthDelay = {
  /**
   * One more wrong key from this address. Milliseconds to wait before the answer, 0 for the first few; null when too
   * many wait already: close the connection without a row.
   */
  failed(address: string): number | null;
};

export type AuthDelayOptions = {
  /** Milliseconds that only go forward. */
  monotonic(): number;
  /** Wrong keys that are answered at once, as a person or a forgotten setting makes them. */
  burst?: number;
  /** Answers for each second after those. */
  perSecond?: number;
  /** Longest wait of one answer. */
  longestMs?: number;
  /** Told of each wrong key, for the audit log. */
  onFailed?(address: string): void;
  /** Addresses remembered; beyond that the one that has been quiet longest is forgotten. */
  addresses?: number;
};

export const createAuthDelay = (options: AuthDelayOptions): AuthDelay => {
  const { monotonic, burst = 10, perSecond = 5, longestMs = 2000, addresses = 4096 } = options;
  const stepMs = 1000 / perSecond;
  /** When the last answer to each address is due, if none were free; the one that failed last stands last. */
  const due = new RecentMap<number>(addresses);
  return {
    failed(address) {
      options.onFailed?.(address);
      const bucket = addressBucket(address);
      const now = monotonic();
      const before = Math.max(due.get(bucket) ?? Number.NEGATIVE_INFINITY, now - burst * stepMs);
      const next = before + stepMs;
      const waitMs = Math.max(0, next - now);
      const isTooLong = waitMs > longestMs;
      due.set(bucket, isTooLong ? before : next);
      return isTooLong ? null : waitMs;
    },
  };
};
