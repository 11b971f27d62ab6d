import { plural } from '../../shared/plural.ts';
import type { ImportPlan, ImportRow, Imports } from '../outside.ts';
import type { Step, StepText } from './step-page.ts';

type Wording = { tone?: StepText['tone']; planned: string; done: string };

/** What becomes of an account, before and after. */
const wordings: Readonly<Record<ImportRow['action'], Wording>> = {
  add: { tone: 'good', planned: 'will be added', done: 'added' },
  update: { tone: 'good', planned: 'its login will be renewed', done: 'its login is renewed' },
  skip: { tone: 'faint', planned: 'is skipped', done: 'skipped' },
  failed: { tone: 'bad', planned: 'cannot be added', done: 'failed' },
};

const rowTexts = (row: ImportRow, when: 'planned' | 'done'): StepText[] => {
  const { name, kind, action, reason, notes } = row;
  const { tone, [when]: word } = wordings[action];
  const why = reason === null ? '' : `: ${reason}`;
  const first: StepText = {
    text: `${name} (${kind}) ${word}${why}`,
    ...(tone === undefined ? {} : { tone }),
  };
  return [first, ...notes.map((note): StepText => ({ text: `  ${note}`, tone: 'faint' }))];
};

const planTexts = ({ rows, left, notes }: ImportPlan, when: 'planned' | 'done'): StepText[] => [
  ...rows.flatMap((row) => rowTexts(row, when)),
  ...left.map((each): StepText => ({ text: `not taken ${each}`, tone: 'faint' })),
  ...(notes.length === 0 ? [] : [{ text: '' }]),
  ...notes.map((text): StepText => ({ text, tone: 'warning' })),
];

const changing = (rows: readonly ImportRow[]): number =>
  rows.filter(({ action }) => action === 'add' || action === 'update').length;

const outcome = (title: string, { rows }: ImportPlan): string => {
  const failed = rows.filter(({ action }) => action === 'failed').length;
  const taken = `took over ${plural(changing(rows), 'account')} from ${title}`;
  return failed === 0 ? taken : `${taken}; ${failed} failed`;
};

/** The pages of an import: what will happen to each account, the yes to a login where one is needed, what has happened. */
export const importSteps = async (
  { plan, carryOut }: Imports,
  { from, title }: { from: string; title: string },
): Promise<Step> => {
  const planned = await plan(from);
  const { consent } = planned;
  const count = changing(planned.rows);
  const heading = `Import from ${title}`;
  const run = async (): Promise<Step> => {
    const done = await carryOut(from, consent !== null);
    return { title: heading, texts: planTexts(done, 'done'), said: outcome(title, done) };
  };
  const busy = `Taking over ${plural(count, 'account')}…`;
  const agree = async (): Promise<Step> => ({
    title: heading,
    texts: (consent ?? []).map((text) => ({ text })),
    yes: { word: 'yes, go on', busy, next: run },
  });
  const texts = [
    { text: planned.path, tone: 'faint' as const },
    { text: '' },
    ...planTexts(planned, 'planned'),
  ];
  if (count === 0)
    return { title: heading, texts: [...texts, { text: '' }, { text: 'Nothing to take over.' }] };
  const word = `take over ${plural(count, 'account')}`;
  const yes = consent === null ? { word, busy, next: run } : { word, busy, next: agree };
  return { title: heading, texts, yes };
};
