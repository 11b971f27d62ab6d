import type { Undos } from './undo.ts';

/** What a person changes with a key, such as the strategy, or whether an account serves. */
export type Reversible<Value> = {
  /** What was asked for last, as long as there is no answer; undefined when nothing is under way. */
  wanted(of?: string): Value | undefined;
  /**
   * Changes it, and can be taken back to what it was. One change after the other, in the order of the keys; `of`: where there
   * are several such values, which one, and each has an order of its own.
   */
  change(to: Value, from: Value, of?: string): void;
};

export type ReversibleOptions<Value> = {
  undos: Undos;
  /** Carries it out. */
  run(value: Value): Promise<unknown>;
  /** It is done; `undone` when it was taken back. */
  onDone(value: Value, undone: boolean): void;
  /** It failed, and all is as it was. */
  onError(error: unknown): void;
};

type Change<Value> = {
  value: Value;
  /** What it was before. */
  from: Value;
  /** The one that waits for this one to end. */
  next: Change<Value> | null;
  done: Promise<void>;
};

/** A change that fails can not be undone, nor can an undo. */
export const createReversible = <Value>(options: ReversibleOptions<Value>): Reversible<Value> => {
  const { undos, run, onDone, onError } = options;
  const running = new Map<string, Change<Value>>();

  const set = (value: Value, from: Value, of: string, forget: (() => void) | null): Change<Value> => {
    const before = running.get(of);
    const act = async (): Promise<void> => {
      await before?.done;
      try {
        await run(value);
        onDone(value, forget === null);
      } catch (error) {
        forget?.();
        // What waits was asked for as if this one would succeed.
        if (mine.next !== null) mine.next.from = mine.from;
        onError(error);
      }
      mine.next = null;
      if (running.get(of) === mine) running.delete(of);
    };
    const mine: Change<Value> = { value, from, next: null, done: Promise.resolve() };
    if (before !== undefined) before.next = mine;
    running.set(of, mine);
    mine.done = act();
    return mine;
  };
  return {
    wanted: (of = '') => running.get(of)?.value,
    change: (to, from, of = '') => {
      const forget = undos.push(() => void set(mine.from, mine.value, of, null));
      const mine = set(to, from, of, forget);
    },
  };
};
