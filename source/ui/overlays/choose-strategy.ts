import { strategyWords } from '../../shared/strategy-words.ts';
import { strategyNames, type StrategyName } from '../../shared/types.ts';
import type { Dialog, DialogContext } from '../dialog.ts';
import { openMenu } from './menu.ts';

/** The menu of strategies; the one in use is marked, where it is told and known here. `choose` is told of another one. */
export const openChooseStrategy = (
  context: DialogContext,
  used: string | undefined,
  choose: (name: StrategyName) => void,
): Dialog =>
  openMenu(context, {
    title: 'Strategy',
    enter: 'use it',
    opener: 'strategy.choose',
    entries: strategyNames.map((name) => ({
      word: name,
      does: strategyWords[name],
      ...(name === used ? { inUse: true } : {}),
      run: () => choose(name),
    })),
  });
