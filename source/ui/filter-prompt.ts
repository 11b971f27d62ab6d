import type { State } from '../store/state.ts';
import { filterCandidates } from './filter-complete.ts';
import type { PromptAsk, PromptWords } from './prompt.ts';
import { listFilter, type ListFilter } from './request-list.ts';
import type { View } from './view.ts';

export type FilterPromptOptions = {
  state(): State;
  view(): View;
  /** Has the list filtered by that now. */
  set(filter: ListFilter | null): void;
  /** The person wants it so; `before` is what was there. */
  kept(filter: ListFilter | null, before: ListFilter | null): void;
  /** Filters of before, the newest last. */
  history: readonly string[];
};

// How many match stands in the title, where it goes on with the list.
const keys = 'Enter keeps it, Esc goes back';
const help = 'text, or account:work status>=400 is:error; ! not, | or';

/** The expression without the word that is being typed. */
const withoutLastWord = (text: string): string => text.replace(/[^\s|()]*$/, '').replace(/[\s|]+$/, '');

/** Asks for a filter. The list shows what matches while it is typed, as far as that can be read. */
export const askFilter = ({ state, view, set, kept, history }: FilterPromptOptions): PromptAsk => {
  const before = view().list.filter;
  const typed = (text: string): void => {
    const whole = listFilter(text);
    // What stands before a word that is not finished goes on filtering.
    const found = whole.ok ? whole : listFilter(withoutLastWord(text));
    if (found.ok) set(found.filter);
  };
  const initial = before?.text ?? '';
  // One that is off is looked at again, to be changed.
  if (before !== null) typed(initial);
  return {
    label: 'filter: ',
    initial,
    history,
    typed,
    words(text): PromptWords {
      const found = listFilter(text);
      const candidates = text === initial ? [] : filterCandidates(text, state());
      // Of the last word it is no news that it is not finished, as long as it may become something.
      const word = text.length - (/[^\s|()]*$/.exec(text)?.[0].length ?? 0);
      const unfinished = !found.ok && found.problem.column > word && candidates.length > 0;
      const problem = found.ok || unfinished ? null : found.problem;
      return { problem, candidates, hint: text.trim() === '' ? help : keys };
    },
    enter(text) {
      const found = listFilter(text);
      if (!found.ok) return found.problem;
      set(found.filter);
      kept(found.filter, before);
      return null;
    },
    cancel: () => set(before),
  };
};
