import { strategyNames } from '../../shared/types.ts';
import { arranged } from '../account-list.ts';
import { createCommandPrompt } from '../command-prompt.ts';
import type { QuitKey } from '../dispatch.ts';
import { openChooseStrategy } from '../overlays/choose-strategy.ts';
import { createThemeKey } from '../theme-key.ts';
import { isOpen } from '../view.ts';
import type { EffectContext, Effects } from './effect.ts';

export type ProgramHooks = {
  /** The person wants to leave. */
  onQuit: (key: QuitKey) => void;
  onSuspend: () => void;
  /** Everything is to be drawn anew. */
  onRedraw: () => void;
};

/** As if the person had gone to that account: what follows is about it. */
const selectAccount = ({ looking, session }: EffectContext, name: string): void => {
  const { accounts } = arranged(looking.view.accountSort, session.state());
  const index = accounts.findIndex((account) => account.name === name);
  const account = accounts[index];
  if (account !== undefined) looking.view = { ...looking.view, account: { id: account.id, index } };
};

/** What keys do to the instance as a whole, to the screen and to the program. */
export const programEffects = (
  context: EffectContext,
  { onQuit, onSuspend, onRedraw }: ProgramHooks,
): Effects => {
  const { session, looking, switches } = context;
  const command = createCommandPrompt(
    { keys: context.keys, accounts: () => session.state().accounts.map(({ name }) => name) },
    ({ action, argument }) => {
      if (action.screen.argument === 'account' && argument !== null) selectAccount(context, argument);
      context.perform(action.name, argument === null ? {} : { argument });
    },
  );
  return {
    // The key closes what is open first, as in every pager; Ctrl-C always means the program.
    quit: ({ key }) => {
      if (key !== undefined && key !== 'ctrl+c' && isOpen(looking.view)) context.step('back');
      else onQuit(key === 'ctrl+c' ? 'ctrl+c' : 'q');
    },
    suspend: () => onSuspend(),
    redraw: () => onRedraw(),
    'theme.next': createThemeKey(context),
    'strategy.choose': ({ argument }) => {
      const named = strategyNames.find((name) => name === argument);
      if (named !== undefined) return switches.strategy(named);
      context.open((given) => openChooseStrategy(given, session.state().strategy, switches.strategy));
    },
    'action.ask': () => context.ask(command()),
    undo: () => {
      if (!switches.undo()) context.tell('nothing to undo');
    },
  };
};
