import { cutWidth } from '../../shared/display-width.ts';
import { asCcrError } from '../../shared/errors.ts';
import { sanitize } from '../../shared/sanitize.ts';
import type { Dialog, DialogContext } from '../dialog.ts';
import { closesOpen, type Keymap } from '../keymap.ts';
import { paragraph, titleLine } from '../line.ts';
import { createScrollText } from '../scroll-text.ts';
import type { Theme, Tone } from '../theme.ts';

/** One piece of a step. `text` may hold outside text. */
export type StepText = {
  text: string;
  tone?: Tone;
  /** It keeps its blanks, and goes on in the next line where it is too long; else it is broken between words. */
  asLine?: true;
};

/** What a person reads, and what a yes to it leads to. */
export type Step = {
  title: string;
  texts: readonly StepText[];
  /** Absent: there is nothing to say yes to. */
  yes?: {
    /** What `y` does, for the footer. */
    word: string;
    /** Below the title while it is done. */
    busy: string;
    next(): Promise<Step>;
  };
  /** In one sentence, for whoever has closed the page meanwhile. */
  said?: string;
};

const mostTexts = 2000;
const longestText = 2000;
const longestLine = 20_000;

/** A line in as many lines as it has columns for: nobody says yes to what was cut off. */
const foldLine = (text: string, columns: number): string[] => {
  const lines: string[] = [];
  let rest = text;
  while (rest !== '') {
    const part = cutWidth(rest, columns) || String.fromCodePoint(rest.codePointAt(0) ?? 0);
    lines.push(part);
    rest = rest.slice(part.length);
  }
  return lines;
};

const stepLines = (theme: Theme, { texts }: Step, columns: number): string[] => {
  const margin = columns < 46 ? 1 : 3;
  return texts.slice(0, mostTexts).flatMap(({ text, tone = 'plain', asLine }) => {
    if (text === '') return [''];
    const clean = sanitize(text, asLine === true ? longestLine : longestText);
    if (asLine !== true) return paragraph(theme, clean, { columns: columns - 1, margin, tone });
    return foldLine(theme.text(clean), columns - margin - 1).map(
      (each) => ' '.repeat(margin) + theme.paint(tone, each),
    );
  });
};

const failure = (title: string, error: unknown): Step => {
  const { lines } = asCcrError(error);
  return {
    title,
    texts: lines.map((text) => ({ text, tone: 'bad' })),
    said: lines.join('; '),
  };
};

const waiting = (title: string, text: string): Step => ({ title, texts: [{ text, tone: 'faint' }] });

/** Enter closes what asks nothing; it is no answer. */
const closes = (keys: Keymap, name: string, asksNothing: boolean): boolean =>
  name === 'n' || closesOpen(keys, name) || (name === 'enter' && asksNothing);

/**
 * Pages that follow each other by `y`: what would be done, what is to be agreed to, what was done. Enter is no yes. The first
 * one is looked for; whatever is closed while it is done goes on, and is told of.
 */
export const openStepPage = (
  context: DialogContext,
  { title, busy }: { title: string; busy: string },
  first: () => Promise<Step>,
): Dialog => {
  const scrolled = createScrollText(context.keys);
  let step = waiting(title, busy);
  let isClosed = false;
  const goTo = (work: () => Promise<Step>, isDone: boolean): void => {
    const show = (next: Step): void => {
      step = next;
      scrolled.toTop();
      if (isClosed && isDone && next.said !== undefined) context.tell(next.said);
      context.changed();
    };
    work().then(show, (error: unknown) => show(failure(title, error)));
  };
  goTo(first, false);
  return {
    lines(theme, { columns, rows }) {
      const room = rows < 6 ? rows : rows - 2;
      const shown = scrolled.shown(stepLines(theme, step, columns), room);
      const note = scrolled.below() > 0 ? `${scrolled.below()} more below` : '';
      const head =
        rows < 6
          ? []
          : [titleLine(theme, { title: sanitize(step.title, 100), note, focused: true }, columns), ''];
      return [...head, ...shown];
    },
    footer: () => [
      ...(step.yes === undefined
        ? []
        : [{ key: 'y', text: scrolled.below() > 0 ? 'read on' : step.yes.word }]),
      ...scrolled.hints(),
      { key: 'Esc', text: step.yes === undefined ? 'close' : 'cancel' },
    ],
    press(name) {
      const { yes } = step;
      if (name === 'y' && yes !== undefined) {
        // Nobody says yes to what they have not seen.
        if (scrolled.readOn()) return;
        step = waiting(step.title, yes.busy);
        goTo(yes.next, true);
      } else if (closes(context.keys, name, yes === undefined)) {
        isClosed = true;
        context.close();
      } else scrolled.press(name);
    },
    paste: () => {},
  };
};
