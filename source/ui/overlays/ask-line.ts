import { asCcrError } from '../../shared/errors.ts';
import { sanitize } from '../../shared/sanitize.ts';
import type { Dialog, DialogContext } from '../dialog.ts';
import type { KeyHint } from '../keymap.ts';
import type { Size } from '../layout.ts';
import { paragraph, titleLine } from '../line.ts';
import { drawField, editField, fieldOf, fieldText, insertText, type TextField } from '../text-field.ts';
import type { Theme, Tone } from '../theme.ts';
import { createSending, sendingKeys } from './sending.ts';

export type Question = {
  title: string;
  /** What the answer leads to. May hold outside text. */
  text: string;
  /** In front of the answer. */
  label: string;
  /** What stands there at first. */
  initial: string;
  /** What Enter does, for the footer. */
  enter: string;
  /** What is wrong with an answer; null when it may be sent. */
  check(answer: string): string | null;
  /** Carries it out; resolves with a sentence for the person. */
  submit(answer: string): Promise<string>;
};

type Drawn = { question: Question; field: TextField; problem: string | null; busy: boolean };

const askLines = (
  theme: Theme,
  { question, field, problem, busy }: Drawn,
  { columns, rows }: Size,
): string[] => {
  const margin = columns < 46 ? 1 : 3;
  const words = (text: string, tone: Tone): string[] =>
    paragraph(theme, sanitize(text, 600), { columns, margin, tone });
  const title = titleLine(theme, { title: question.title, note: '', focused: true }, columns);
  const label = `${' '.repeat(margin)}${question.label} `;
  const answer = busy
    ? label + theme.paint('faint', sanitize(fieldText(field), 64))
    : label + drawField(theme, field, Math.max(4, columns - label.length));
  const problems = problem === null ? [] : words(`${theme.glyphs.cross} ${problem}`, 'bad');
  const full = [title, '', ...words(question.text, 'plain'), '', answer, ...problems];
  return full.length <= rows ? full : [answer, ...problems, ...words(question.text, 'plain')].slice(0, rows);
};

const askingKeys = (enter: string): readonly KeyHint[] => [
  { key: 'Enter', text: enter },
  { key: 'Esc', text: 'cancel' },
];

/** One question with one line of text for an answer. What is refused is said below it, and nothing typed is lost. */
export const openAskLine = (context: DialogContext, question: Question): Dialog => {
  let field = fieldOf(question.initial);
  let problem: string | null = null;
  const sending = createSending(context);

  const finish = (sentence: string, closed: boolean): void => {
    if (!closed) context.close();
    context.tell(sentence);
  };
  const fail = (error: unknown, closed: boolean): void => {
    problem = asCcrError(error).lines.join('; ');
    if (closed) context.tell(problem);
  };
  const send = (): void => {
    const answer = fieldText(field).trim();
    problem = question.check(answer);
    if (problem === null) void sending.send(() => question.submit(answer), finish, fail);
  };
  const change = (next: TextField): void => {
    if (next !== field) problem = null;
    field = next;
  };

  return {
    lines: (theme, size) => askLines(theme, { question, field, problem, busy: sending.isBusy() }, size),
    footer: () => (sending.isBusy() ? sendingKeys : askingKeys(question.enter)),
    press(name) {
      if (name === 'escape') sending.close();
      else if (sending.isBusy()) return;
      else if (name === 'enter') send();
      else change(editField(field, name));
    },
    paste(text) {
      const pasted = text.trim();
      if (!sending.isBusy() && !/[\r\n]/.test(pasted)) change(insertText(field, pasted));
    },
  };
};
