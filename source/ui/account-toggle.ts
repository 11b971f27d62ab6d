import type { Commander } from '../shared/session.ts';
import type { AccountId, AccountView } from '../shared/types.ts';

type Running = { paused: boolean; done: Promise<void> };

/**
 * Pauses a serving account and resumes a paused one. Pressed again before the first answer it goes back, in order:
 * what counts is what the person wanted last. A failure is told to `onError` and leaves the account as it is.
 */
export const createAccountToggle = (
  commander: Commander,
  onError: (error: unknown) => void,
): ((account: AccountView) => void) => {
  const running = new Map<AccountId, Running>();
  return (account) => {
    const before = running.get(account.id);
    const paused = !(before?.paused ?? account.paused);
    const act = async (): Promise<void> => {
      await before?.done;
      try {
        await commander.run(paused ? 'account.pause' : 'account.resume', { account: account.name });
      } catch (error) {
        onError(error);
      }
      if (running.get(account.id) === mine) running.delete(account.id);
    };
    const mine: Running = { paused, done: Promise.resolve() };
    running.set(account.id, mine);
    mine.done = act();
  };
};
