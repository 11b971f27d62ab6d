import { accountSorts } from '../account-list.ts';
import { createEndHold } from '../end-hold.ts';
import { askFilter } from '../filter-prompt.ts';
import { withKey } from '../keymap.ts';
import { openConfirm } from '../overlays/confirm.ts';
import { grouped } from '../panes/request-title.ts';
import { clearable, listFilter, shownRows, type ListFilter, type ListWish } from '../request-list.ts';
import { requestSorts, sortWords, type SortKey } from '../sort-keys.ts';
import { findError } from '../steps/requests.ts';
import { isOpen } from '../view.ts';
import type { Effect, EffectContext, Effects } from './effect.ts';
import { oneRequestEffects } from './one-request.ts';

/** So many filters of before can be had again. */
const historyLimit = 50;

/** Changes what is filtered or cleared, so that it can be taken back. */
const createListChange = ({ looking, undos, tell, session, keys }: EffectContext) => {
  const change = (part: Partial<ListWish>): void => {
    looking.view = { ...looking.view, list: { ...looking.view.list, ...part } };
  };
  return {
    change,
    /** `done` says what happened, `undone` what was taken back. */
    reversible(part: Partial<ListWish>, before: Partial<ListWish>, [done, undone]: [string, string]): void {
      change(part);
      undos.push(() => {
        change(before);
        tell(`undone: ${undone}`);
      });
      // A screen that may only read has no undo.
      tell(session.readOnly === true ? done : done + withKey(keys, 'undo', (key) => ` · ${key} undoes`));
    },
  };
};

/** What keys do to the filter of the list. */
const filterEffects = (context: EffectContext): Effects => {
  const { looking, session, tell } = context;
  const list = createListChange(context);
  let history: readonly string[] = [];

  const cleared = (before: ListFilter): void =>
    list.reversible({ filter: null }, { filter: before }, ['filter cleared', `filter ${before.text}`]);
  const kept = (filter: ListFilter | null, before: ListFilter | null): void => {
    if (filter === null && before !== null) cleared(before);
    if (filter === null) return;
    history = [...history.filter((text) => text !== filter.text), filter.text].slice(-historyLimit);
  };
  const set = (filter: ListFilter | null): void => list.change({ filter });

  return {
    'requests.filter': ({ argument }) => {
      const { pane } = looking.view;
      looking.view = { ...looking.view, pane: 'requests' };
      const before = looking.view.list.filter;
      if (argument === undefined) {
        const question = askFilter({ state: session.state, view: () => looking.view, set, kept, history });
        const cancel = (): void => {
          question.cancel?.();
          looking.view = { ...looking.view, pane };
        };
        return context.ask({ ...question, cancel });
      }
      const found = listFilter(argument);
      if (!found.ok) return tell(`filter, column ${found.problem.column}: ${found.problem.message}`);
      set(found.filter);
      kept(found.filter, before);
    },
    'requests.filter-toggle': () => {
      if (looking.view.list.filter === null) tell('there is no filter to turn on or off');
      else context.step('requests.filter-toggle');
    },
    // What is open is closed first, then the filter; that can be taken back.
    back: () => {
      const { view } = looking;
      const { filter } = view.list;
      if (isOpen(view) || view.pane !== 'requests' || filter?.on !== true) context.step('back');
      else cleared(filter);
    },
  };
};

/** Goes to an error, and says what became of the search where that is not seen. */
const toError =
  ({ looking, session, place, tell }: EffectContext, by: 1 | -1): Effect =>
  () => {
    const state = session.state();
    const { errors, wrapped, change } = findError(looking.view, state, place(), by);
    if (change === null) {
      const { length } = shownRows(looking.view, state).rows;
      return tell(`no failed request among ${length}`);
    }
    looking.view = { ...looking.view, ...change };
    if (errors === 1) tell('this is the only request that failed');
    else if (wrapped) tell(`none that failed ${by === 1 ? 'below' : 'above'}: went on from the other end`);
  };

/** Asks whether the list shall be cleared. Only the view is: nothing is lost, and it can be taken back. */
const clearView =
  (context: EffectContext): Effect =>
  () => {
    const { looking, session } = context;
    const state = session.state();
    const { length } = clearable(looking.view, state);
    if (length === 0) return context.tell('there is nothing to clear');
    const ended = `Takes ${grouped(length)} finished ${length === 1 ? 'request' : 'requests'} out of view`;
    const stay = state.inFlight === 0 ? '' : `; what is under way stays`;
    context.open((given) =>
      openConfirm(given, {
        title: 'Clear the view',
        text: `${ended}${stay}. Neither the proxy nor the history is touched.`,
        yes: 'clear',
        confirmed: () => {
          const before = { cleared: looking.view.list.cleared };
          context.step('requests.clear');
          const { cleared } = looking.view.list;
          createListChange(context).reversible({ cleared }, before, ['view cleared', 'clearing the view']);
        },
      }),
    );
  };

/** Another order of the list that has the keys; says which where no title does. */
const sortList =
  ({ looking, place, step, tell }: EffectContext, action: string): Effect =>
  () => {
    step(action);
    const { pane, accountSort, list } = looking.view;
    if (pane === 'log') return tell('the log is in the order of time');
    if (place().kind !== 'tiny') return;
    const keys: readonly SortKey<never>[] = pane === 'accounts' ? accountSorts : requestSorts;
    const { by, reversed } = pane === 'accounts' ? accountSort : list.sort;
    const key = keys.find(({ name }) => name === by);
    tell(key === undefined ? '' : sortWords(key, reversed));
  };

/** What keys do to requests, beside what they do to the view of them. */
export const requestEffects = (context: EffectContext): Effects => {
  const holding = { ...context, selected: context.request };
  return {
    ...filterEffects(context),
    ...oneRequestEffects(context),
    'requests.next-error': toError(context, 1),
    'requests.previous-error': toError(context, -1),
    'requests.clear': clearView(context),
    'list.sort': sortList(context, 'list.sort'),
    'list.reverse': sortList(context, 'list.reverse'),
    'request.release': createEndHold(holding, 'request.release'),
    'request.cancel': createEndHold(holding, 'request.cancel'),
  };
};
