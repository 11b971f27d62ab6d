import type { Clock } from '../shared/clock.ts';
import type { Commander } from '../shared/session.ts';
import type { AccountId, AccountView } from '../shared/types.ts';

type Target = Pick<AccountView, 'id' | 'name'>;
type Running = { paused: boolean; done: Promise<void> };
type Undoable = { account: Target; paused: boolean; at: number };

export type AccountToggle = {
  /**
   * Pauses a serving account and resumes a paused one. Pressed again before the first answer it goes back, in order:
   * what counts is what the person wanted last.
   */
  toggle(account: Pick<AccountView, 'id' | 'name' | 'paused'>): void;
  /** Takes the newest toggle back that is not older than `undoMs`. False when there is none. */
  undo(): boolean;
};

export type AccountToggleOptions = {
  commander: Commander;
  clock: Pick<Clock, 'monotonic'>;
  /** It is done; `undone` when it was taken back. */
  onDone: (account: Target, paused: boolean, undone: boolean) => void;
  /** It failed, and the account is as it was. */
  onError: (error: unknown) => void;
};

/** How long a toggle can be taken back. */
export const undoMs = 10_000;
/** More than a person can have pressed by mistake and remember. */
const undoLimit = 20;

/** A toggle that fails can not be undone, nor can an undo. */
export const createAccountToggle = (options: AccountToggleOptions): AccountToggle => {
  const { commander, clock, onDone, onError } = options;
  const running = new Map<AccountId, Running>();
  let undoable: Undoable[] = [];

  const set = ({ id, name }: Target, paused: boolean, entry: Undoable | null): void => {
    const before = running.get(id);
    const act = async (): Promise<void> => {
      await before?.done;
      try {
        await commander.run(paused ? 'account.pause' : 'account.resume', { account: name });
        onDone({ id, name }, paused, entry === null);
      } catch (error) {
        undoable = undoable.filter((each) => each !== entry);
        onError(error);
      }
      if (running.get(id) === mine) running.delete(id);
    };
    const mine: Running = { paused, done: Promise.resolve() };
    running.set(id, mine);
    mine.done = act();
  };
  return {
    toggle: (account) => {
      const paused = !(running.get(account.id)?.paused ?? account.paused);
      const entry: Undoable = { account, paused, at: clock.monotonic() };
      undoable = [...undoable, entry].slice(-undoLimit);
      set(account, paused, entry);
    },
    undo: () => {
      const newest = undoable.pop();
      if (newest === undefined || clock.monotonic() - newest.at > undoMs) {
        undoable = [];
        return false;
      }
      set(newest.account, !newest.paused, null);
      return true;
    },
  };
};
