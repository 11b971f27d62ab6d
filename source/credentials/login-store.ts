import type { Login } from './login.ts';

/**
 * Where the tokens of one login lie: in our own secret store, or in the store of the Claude Code that it is linked to.
 * Every call may reject with `store_unavailable` or `vault_damaged`.
 */
export type LoginStore = {
  /** As it is now, read anew; null when there is none: signed out, or removed by others. */
  read(): Promise<Login | null>;
  /** Has been stored, would survive a crash, and was read back when it resolves. Leaves everything else there alone. */
  write(login: Login): Promise<void>;
  /** Runs the work while no other process refreshes this login. Rejects with `locked` when another one does just now. */
  exclusively<T>(work: () => Promise<T>): Promise<T>;
  /**
   * Calls back when somebody else may have changed it, until the function that it returns is called; only of a store that
   * others write.
   */
  watch?(onChange: () => void): () => void;
};
