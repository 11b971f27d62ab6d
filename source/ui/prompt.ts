import { editField, fieldOf, fieldText, insertText, type TextField } from './text-field.ts';

/** What is wrong with what is typed, and where: the column counts from 1, in UTF-16 units. */
export type PromptProblem = { column: number; message: string };

/** Something that Tab puts in place of what is typed. */
export type Candidate = { text: string; shown: string };

/** What is said below a prompt of the text as it stands. A problem hides the candidates, and those hide the hint. */
export type PromptWords = {
  problem: PromptProblem | null;
  candidates: readonly Candidate[];
  hint: string;
};

/** A question with one line for an answer, at the foot of the screen; the panes go on above it. */
export type PromptAsk = {
  /** In front of what is typed, such as `:`. */
  label: string;
  initial?: string;
  /** Answers of before, the newest last: Up goes back through them. */
  history?: readonly string[];
  words(text: string): PromptWords;
  /** The text is another one now. */
  typed?(text: string): void;
  /** Enter, while there is no problem. What it returns is shown and keeps the prompt open; null closes it. */
  enter(text: string): PromptProblem | null;
  /** Esc, or Backspace where nothing is typed. */
  cancel?(): void;
};

/** How a prompt looks now. */
export type PromptLook = PromptWords & {
  label: string;
  field: TextField;
  /** The candidate that Tab took last; -1 for none. */
  taken: number;
};

/** An open prompt. It gets all keys but those that mean the program, and all pastes. */
export type Prompt = {
  look(): PromptLook;
  press(name: string): void;
  paste(text: string): void;
};

/** Where the open prompt stands. */
export type PromptPlace = { prompt: Prompt | null };

// One line: whatever breaks it or moves a cursor is a blank between two words.
const oneLine = (text: string): string => text.replaceAll(/[\p{Cc}\u2028\u2029]+/gu, ' ').trim();

/** What is typed at a prompt, with what is said of it. */
const createAnswer = (ask: PromptAsk) => {
  const { label, history = [], typed } = ask;
  let field = fieldOf(ask.initial ?? '');
  let words = ask.words(fieldText(field));
  let taken = -1;
  /** Where Up has led; one behind the newest at first, which is what was typed. */
  let at = history.length;
  let draft = '';

  const set = (next: TextField): boolean => {
    const same = fieldText(next) === fieldText(field);
    field = next;
    if (!same) typed?.(fieldText(field));
    return !same;
  };
  /** Looks at the text anew. */
  const judge = (): void => {
    words = ask.words(fieldText(field));
    taken = -1;
  };
  const change = (next: TextField): void => {
    if (set(next)) judge();
  };
  const take = (by: 1 | -1): void => {
    const { length } = words.candidates;
    if (length === 0) return;
    // From nothing taken the first one in that direction.
    taken = taken === -1 && by === -1 ? length - 1 : (taken + by + length) % length;
    const chosen = words.candidates[taken];
    if (chosen !== undefined) set(fieldOf(chosen.text));
    // With one alone there is nothing to choose: what may follow it is offered at once.
    if (length === 1) judge();
  };
  const recall = (by: 1 | -1): void => {
    const to = Math.max(0, Math.min(at + by, history.length));
    if (to === at) return;
    if (at === history.length) draft = fieldText(field);
    at = to;
    change(fieldOf(history[at] ?? draft));
  };
  const keys: Readonly<Record<string, () => void>> = {
    tab: () => take(1),
    'shift+tab': () => take(-1),
    up: () => recall(-1),
    down: () => recall(1),
  };
  return {
    judge,
    text: () => fieldText(field),
    look: (): PromptLook => ({ ...words, label, field, taken }),
    refuse: (problem: PromptProblem) => {
      words = { ...words, problem };
    },
    press(name: string) {
      if (Object.hasOwn(keys, name)) keys[name]?.();
      else change(editField(field, name));
    },
    paste: (text: string) => change(insertText(field, oneLine(text))),
  };
};

/** Opens a prompt in that place; it closes itself, or is closed by `place.prompt = null`. */
export const openPrompt = (place: PromptPlace, ask: PromptAsk): void => {
  const answer = createAnswer(ask);
  const close = (): void => {
    if (place.prompt === mine) place.prompt = null;
  };
  const enter = (): void => {
    answer.judge();
    if (answer.look().problem !== null) return;
    // Closed first: what Enter does may open something.
    close();
    const problem = ask.enter(answer.text());
    if (problem === null) return;
    answer.refuse(problem);
    place.prompt = mine;
  };
  const mine: Prompt = {
    look: answer.look,
    press(name) {
      if (name === 'enter') enter();
      else if (name === 'escape' || (name === 'backspace' && answer.text() === '')) {
        close();
        ask.cancel?.();
      } else answer.press(name);
    },
    paste: answer.paste,
  };
  place.prompt = mine;
};
