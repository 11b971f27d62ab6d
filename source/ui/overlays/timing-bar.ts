import { elapsed } from '../../shared/duration.ts';
import type { EpochMs } from '../../shared/types.ts';
import type { RequestRow } from '../../store/state.ts';
import { wrap } from '../fit.ts';
import { passedOver } from '../request-window.ts';
import type { Glyphs, Theme, Tone } from '../theme.ts';

// Where the time of a request went: one bar, and under it what its marks stand for.

type PhaseName = 'kept' | 'others' | 'first' | 'answer' | 'unanswered';

/** One stretch of a request's time, in milliseconds; together they are all of it. */
export type Phase = { name: PhaseName; ms: number };

const looks: Readonly<Record<PhaseName, { glyph: keyof Glyphs; tone: Tone; words: string }>> = {
  kept: { glyph: 'dot', tone: 'warning', words: 'kept waiting' },
  others: { glyph: 'cross', tone: 'bad', words: 'other accounts' },
  first: { glyph: 'barOff', tone: 'plain', words: 'to the first byte' },
  answer: { glyph: 'barOn', tone: 'good', words: 'answer' },
  unanswered: { glyph: 'barOff', tone: 'plain', words: 'no answer' },
};

type Known = Record<'kept' | 'others' | 'total', number> & { firstByte: number | null };

const knownOf = (row: RequestRow, now: EpochMs): Known => {
  const others = passedOver(row).reduce((sum, { ms }) => sum + ms, 0);
  if (row.kind === 'finished') {
    const { waitMs, firstByteMs, totalMs } = row.request;
    return { kept: waitMs, others, firstByte: firstByteMs, total: totalMs };
  }
  const { at, heldUntil, firstByteMs } = row.request;
  // As its clock shows it: in whole seconds.
  const total = Math.max(0, Math.floor((now - at) / 1000) * 1000);
  // How long it was kept is told when it has ended; while it is, all that no account took is that.
  const kept = heldUntil === undefined ? 0 : Math.max(0, total - others);
  return { kept, others, firstByte: firstByteMs, total };
};

/** The stretches of its time that a request has gone through so far, in their order; none of no length. */
export const phasesOf = (row: RequestRow, now: EpochMs): Phase[] => {
  const known = knownOf(row, now);
  let left = Math.max(0, known.total);
  const take = (name: PhaseName, ms: number): Phase => {
    const taken = Math.max(0, Math.min(ms, left));
    left -= taken;
    return { name, ms: taken };
  };
  const kept = take('kept', known.kept);
  const others = take('others', known.others);
  const before = kept.ms + others.ms;
  const isOver = row.kind === 'finished' && known.firstByte === null;
  const first = take(
    isOver ? 'unanswered' : 'first',
    known.firstByte === null ? left : known.firstByte - before,
  );
  return [kept, others, first, take('answer', left)].filter(({ ms }) => ms > 0);
};

/** The marks of each stretch: at least one, and together `width`, which is no less than there are stretches. */
const cellsOf = (phases: readonly Phase[], width: number): number[] => {
  const total = phases.reduce((sum, { ms }) => sum + ms, 0);
  const cells = phases.map(({ ms }) => Math.max(1, Math.round((ms / total) * width)));
  // Rounding makes a few too many, or too few: the longest at that moment bears it.
  for (let surplus = cells.reduce((sum, count) => sum + count, 0) - width; surplus !== 0;) {
    const step = Math.sign(surplus);
    const longest = cells.indexOf(Math.max(...cells));
    cells[longest] = (cells[longest] ?? 0) - step;
    surplus -= step;
  }
  return cells;
};

/** No eye needs more of them, and figures stand closer to what they tell of. */
const widest = 60;

/** As wide as the widest figure is as a rule: where there is room for it, its mark stays with its words. */
const figureWidth = 30;
const tie = '\u00A0';

const figureLines = (theme: Theme, figures: readonly string[], columns: number): string[] => {
  const whole = columns < figureWidth ? figures : figures.map((figure) => figure.replaceAll(' ', tie));
  return wrap(whole.join(', '), columns, theme.glyphs.more).map((line) => line.replaceAll(tie, ' '));
};

/**
 * The bar with the time in all behind it, and the figures of each stretch below, as lines of at most `columns`; `total` is
 * how that time is told. Only the latter while no time has passed.
 */
export const timingBar = (
  theme: Theme,
  row: RequestRow,
  { columns, now, total }: { columns: number; now: EpochMs; total: string },
): string[] => {
  const phases = phasesOf(row, now);
  const said = theme.text(`total ${total}`);
  const width = Math.min(widest, columns - said.length - 1);
  if (phases.length === 0 || width < phases.length) return [said];
  const cells = cellsOf(phases, width);
  const bar = phases.map(({ name }, index) => {
    const { glyph, tone } = looks[name];
    return theme.paint(tone, theme.glyphs[glyph].repeat(cells[index] ?? 0));
  });
  // A growing time is told once, by the clock behind the bar.
  const isGrowing = (index: number): boolean => row.kind === 'live' && index === phases.length - 1;
  const figures = phases.map(({ name, ms }, index) => {
    const { glyph, words } = looks[name];
    return `${theme.glyphs[glyph]} ${words}${isGrowing(index) ? ' ...' : ` ${elapsed(ms)}`}`;
  });
  return [`${bar.join('')} ${said}`, ...figureLines(theme, figures, columns)];
};
