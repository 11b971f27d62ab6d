import { sanitize } from '../shared/sanitize.ts';
import type { AccountView, StrategyName } from '../shared/types.ts';
import type { Session } from '../store/session.ts';
import { createAccountToggle } from './account-toggle.ts';
import { withKey, type Keymap } from './keymap.ts';
import type { Notices } from './notices.ts';
import { createReversible } from './reversible.ts';
import { undoMs, type Undos } from './undo.ts';

export type SwitchOptions = {
  session: Session;
  undos: Undos;
  notices: Notices;
  /** Draws at once. */
  draw(): void;
  /** What a person is told of a failure. */
  explain(error: unknown): string;
  keys: Keymap;
};

/** What a person switches with a key and takes back with another. */
export type Switches = {
  pause(account: AccountView): void;
  /** Has new work go to that account first, or to nobody when it does so already. */
  prefer(account: AccountView): void;
  strategy(name: StrategyName): void;
  /** Takes the newest of them back; false when there is none. */
  undo(): boolean;
};

const named = (name: string): string => sanitize(name, 60);

export const createSwitches = ({ session, undos, notices, draw, explain, keys }: SwitchOptions): Switches => {
  const done = (words: string, undone: boolean): void => {
    const way = withKey(keys, 'undo', (key) => ` · ${key} undoes`);
    notices.show(undone ? `undone: ${words}` : words + way, undoMs);
    draw();
  };
  const onError = (error: unknown): void => {
    notices.tell(explain(error));
    draw();
  };
  const toggle = createAccountToggle({
    commander: session,
    undos,
    onDone: ({ name }, paused, undone) => done(`${paused ? 'paused' : 'resumed'} ${named(name)}`, undone),
    onError,
  });
  const preferred = createReversible<AccountView | null>({
    undos,
    run: (account) => session.run('account.prefer', { account: account?.id ?? null }),
    onDone(account, undone) {
      const words =
        account === null ? 'no account is preferred' : `new work goes to ${named(account.name)} first`;
      done(words, undone);
    },
    onError,
  });
  const setStrategy = (value: string): Promise<unknown> =>
    session.run('config.set', { key: 'strategy', value });
  // A name that this version does not know is one all the same: undo goes back to it.
  const strategy = createReversible<string>({
    undos,
    run: setStrategy,
    onDone: (value, undone) => done(`strategy ${named(value)}`, undone),
    onError,
  });
  return {
    pause: (account) => toggle.toggle(account),
    prefer(account) {
      const known = session.state().accounts.find((each) => each.preferred === true) ?? null;
      const wanted = preferred.wanted();
      const before = wanted === undefined ? known : wanted;
      preferred.change(before?.id === account.id ? null : account, before);
    },
    strategy(name) {
      const before = strategy.wanted() ?? session.state().strategy;
      if (before !== undefined) return strategy.change(name, before);
      // Nothing to go back to was told.
      setStrategy(name)
        .then(() => notices.show(`strategy ${name}`, undoMs), onError)
        .finally(draw);
    },
    undo: () => undos.undo(),
  };
};
