import type { ClientChange, ConnectsClient } from '../outside.ts';
import type { Step, StepText } from './step-page.ts';

const title = 'Connect Claude Code';

const tones: Readonly<Record<string, StepText['tone']>> = { '+': 'good', '-': 'bad', '@': 'faint' };

/** A patch as lines, what comes and what goes in their tones. */
const diffTexts = (diff: string): StepText[] =>
  diff
    .trimEnd()
    .split(/\r?\n/)
    .map((each): StepText => {
      const text = each.replaceAll('\t', '  ');
      const tone = /^(?:---|\+\+\+) /.test(text) ? 'faint' : tones[text.slice(0, 1)];
      return text === '' ? { text } : { text, asLine: true, ...(tone === undefined ? {} : { tone }) };
    });

const notesOf = ({ notes }: ClientChange): StepText[] =>
  notes.length === 0 ? [] : [{ text: '' }, ...notes.map((text): StepText => ({ text, tone: 'warning' }))];

/**
 * The pages that connect Claude Code: what would be written into its settings, and what was. `lacks`: what it would miss
 * once that is written, to be read before the change; null when nothing.
 */
export const connectSteps = async (
  { look, carryOut }: ConnectsClient,
  lacks: string | null = null,
): Promise<Step> => {
  const planned = await look();
  if (!planned.changed) {
    const text = `Claude Code already is connected to ${planned.url} (${planned.path}).`;
    return { title, texts: [{ text, tone: 'good' }, ...notesOf(planned)] };
  }
  const run = async (): Promise<Step> => {
    const done = await carryOut();
    const said = `Claude Code is connected to ${done.url}`;
    return {
      title,
      texts: [
        { text: `${said} (${done.path}).`, tone: 'good' },
        { text: 'Start claude anew: one that runs has read its settings.' },
        { text: 'ccr-tui disconnect claude-code puts them back.', tone: 'faint' },
        ...notesOf(done),
      ],
      said,
    };
  };
  const what = planned.created ? 'A new file would be written:' : 'This would change, and nothing else:';
  const warned: StepText[] = lacks === null ? [] : [{ text: lacks, tone: 'warning' }, { text: '' }];
  return {
    title,
    texts: [...warned, { text: what }, { text: '' }, ...diffTexts(planned.diff ?? ''), ...notesOf(planned)],
    yes: { word: lacks === null ? 'write it' : 'write it all the same', busy: 'Writing…', next: run },
  };
};
