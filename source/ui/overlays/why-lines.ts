import { sanitize } from '../../shared/sanitize.ts';
import type { Decision } from '../../shared/decision.ts';
import type { EpochMs } from '../../shared/types.ts';
import { verdictText } from '../../store/wording.ts';
import type { Theme, Tone } from '../theme.ts';
import { labelWidth, partLines } from './part-lines.ts';

const tones: readonly (readonly [word: RegExp, tone: Tone])[] = [
  [/^chosen\b/, 'good'],
  [/^(?:limited|benched|pacing|capped|full)\b/, 'warning'],
  [/^(?:failed|needs-login)\b/, 'bad'],
  [/^(?:eligible|paused|model|client)\b/, 'faint'],
];

const toneOf = (verdict: string): Tone => tones.find(([word]) => word.test(verdict))?.[1] ?? 'plain';

const affinities: Readonly<Record<NonNullable<Decision['affinity']>, string>> = {
  warm: 'the conversation stays where its cache is',
  moved: 'the conversation had to leave its account',
  cold: 'no cache holds the conversation any more: it is placed as a new one',
  new: 'a new conversation',
};

/** At most this many columns for names of accounts. */
const widestName = 24;

const rewriteWords = ({ rewriteCostUsd = null }: Decision): string => {
  if (rewriteCostUsd === null) return '';
  return rewriteCostUsd < 0.005 ? ' (less than a cent)' : ` (~${rewriteCostUsd.toFixed(2)} USD)`;
};

const isChosen = ({ verdict }: Decision['considered'][number]): boolean => /^chosen\b/.test(verdict);

/** By what rule an account was chosen, and why that one; then of each other one why not. null = none was chosen. `at`: when. */
export const whyLines = (theme: Theme, decision: Decision | null, at: EpochMs, columns: number): string[] => {
  if (decision === null) return partLines(theme, { label: 'Why', text: 'no account was chosen' }, columns);
  const { strategy, affinity } = decision;
  // What was asked for first; the others as they came in turn.
  const considered = decision.considered.toSorted((a, b) => Number(isChosen(b)) - Number(isChosen(a)));
  const rule = `${sanitize(strategy, 40)}${affinity === null ? '' : `: ${affinities[affinity]}`}`;
  const names = considered.map(({ account }) => sanitize(account, widestName));
  const width = Math.max(labelWidth, ...names.map((name) => name.length));
  return [
    ...partLines(theme, { label: 'Strategy', text: rule }, columns),
    '',
    ` ${theme.paint('accent', considered.length === 0 ? 'No account to choose from' : 'Why')}`,
    ...considered.flatMap(({ verdict }, index) => {
      const tone = toneOf(verdict);
      const price = tone === 'good' ? rewriteWords(decision) : '';
      const part = { label: names[index] ?? '', text: verdictText(verdict, at) + price, tone };
      return partLines(theme, { ...part, labelTone: 'plain' }, columns, width);
    }),
  ];
};
