import type { PromptAsk } from './prompt.ts';
import type { View } from './view.ts';

/** Looks for keys in the help while one types. */
export const helpSearch = (looking: { view: View }): PromptAsk => {
  const before = looking.view.helpQuery;
  const show = (helpQuery: string): void => {
    looking.view = { ...looking.view, helpQuery, helpTop: 0 };
  };
  return {
    label: '/',
    initial: before,
    words: () => ({
      problem: null,
      candidates: [],
      hint: 'a key or what it does; Enter keeps it, Esc shows all',
    }),
    typed: (text) => show(text.trim()),
    enter: () => null,
    cancel: () => show(''),
  };
};
