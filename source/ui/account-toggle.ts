import type { Commander } from '../shared/session.ts';
import type { AccountView } from '../shared/types.ts';
import { createReversible } from './reversible.ts';
import type { Undos } from './undo.ts';

type Target = Pick<AccountView, 'id' | 'name'>;

export type AccountToggle = {
  /**
   * Pauses an account that serves, resumes one that is paused. Pressed again before the first answer it goes back:
   * what counts is what the person wanted last.
   */
  toggle(account: Pick<AccountView, 'id' | 'name' | 'paused'>): void;
};

export type AccountToggleOptions = {
  commander: Commander;
  undos: Undos;
  /** It is done; `undone` when it was taken back. */
  onDone: (account: Target, paused: boolean, undone: boolean) => void;
  /** It failed, and the account is as it was. */
  onError: (error: unknown) => void;
};

/** A toggle that fails can not be undone, nor can an undo. */
export const createAccountToggle = (options: AccountToggleOptions): AccountToggle => {
  const { commander, undos, onDone, onError } = options;
  const pauses = createReversible<{ account: Target; paused: boolean }>({
    undos,
    run: ({ account: { name }, paused }) =>
      commander.run(paused ? 'account.pause' : 'account.resume', { account: name }),
    onDone: ({ account, paused }, undone) => onDone(account, paused, undone),
    onError,
  });
  return {
    toggle: (account) => {
      const paused = !(pauses.wanted(account.id)?.paused ?? account.paused);
      pauses.change({ account, paused }, { account, paused: !paused }, account.id);
    },
  };
};
