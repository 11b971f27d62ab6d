import { keyDigest, type KeyDigest } from '../credentials/key-pepper.ts';
import type { Clock } from '../shared/clock.ts';
import type { LogLevel } from '../shared/events.ts';
import type { SecretStoreName } from '../shared/types.ts';

export type PeppersOptions = {
  clock: Pick<Clock, 'monotonic'>;
  /** The secret behind the hashes of keys, from that store. */
  loadPepper(store: SecretStoreName): Promise<Buffer | null>;
  log(level: LogLevel, text: string): void;
};

/** The secrets behind the hashes of keys, one for each store that has one; each is read once. */
export type Peppers = {
  /** Of the stores that have given theirs: what it makes of a key. */
  known: ReadonlyMap<SecretStoreName, KeyDigest>;
  /** Settles when the store has answered; never rejects. */
  ask(store: SecretStoreName): Promise<void>;
  /** What the store holds has changed. */
  forget(store: SecretStoreName): void;
};

/** The store is not asked more often than this after it gave nothing. */
const askAgainMs = 5000;

type Question = { answer: Promise<void>; at: number; over: boolean };

export const createPeppers = ({ loadPepper, clock, log }: PeppersOptions): Peppers => {
  const known = new Map<SecretStoreName, KeyDigest>();
  const asked = new Map<SecretStoreName, Question>();

  const load = async (store: SecretStoreName, question: Pick<Question, 'over'>): Promise<void> => {
    try {
      const pepper = await loadPepper(store);
      // Forgotten meanwhile: this may be the one from before.
      if (asked.get(store) !== question) return;
      if (pepper !== null) known.set(store, keyDigest(pepper));
      else log('warning', `client keys cannot be checked: their secret is not in the ${store}`);
    } catch (error) {
      const reason = error instanceof Error ? error.message : 'no reason given';
      log('warning', `client keys cannot be checked: ${reason}`);
    }
    question.over = true;
  };

  return {
    known,
    ask(store) {
      const last = asked.get(store);
      const at = clock.monotonic();
      if (last && (!last.over || at - last.at < askAgainMs)) return last.answer;
      const question = { at, over: false };
      const answer = load(store, question);
      asked.set(store, Object.assign(question, { answer }));
      return answer;
    },
    forget(store) {
      known.delete(store);
      asked.delete(store);
    },
  };
};
