import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { displayWidth } from '../../../source/shared/display-width.ts';
import { asDuration } from '../../../source/shared/types.ts';
import { phasesOf, timingBar } from '../../../source/ui/overlays/timing-bar.ts';
import { createTheme } from '../../../source/ui/theme.ts';
import { doneRow, later, liveRow, now } from '../sample.ts';
import { plain } from './dialog-place.ts';

const failed = (account: string, ms: number) => ({
  account,
  status: 429,
  verdict: 'limited',
  window: '5h',
  ms: asDuration(ms),
});
const forwarded = {
  account: 'work',
  status: 200,
  verdict: 'forwarded',
  window: null,
  ms: asDuration(5000),
};

const whole = doneRow(1, {
  waitMs: asDuration(2000),
  attempts: [failed('team-a', 400), failed('spare', 600), forwarded],
  firstByteMs: asDuration(4000),
  totalMs: asDuration(10_000),
});

const barOf = (row = whole, columns = 80): string[] =>
  timingBar(plain, row, { columns, now, total: '10.0s' });

describe('the bar of a request', () => {
  it('shows where its time went, each stretch as long as its share', () => {
    expect(phasesOf(whole, now)).toEqual([
      { name: 'kept', ms: 2000 },
      { name: 'others', ms: 1000 },
      { name: 'first', ms: 1000 },
      { name: 'answer', ms: 6000 },
    ]);
    expect(barOf()).toEqual([
      `${'·'.repeat(12)}${'✗'.repeat(6)}${'▯'.repeat(6)}${'▮'.repeat(36)} total 10.0s`,
      '· kept waiting 2.0s, ✗ other accounts 1.0s, ▯ to the first byte 1.0s,',
      // A mark is never parted from what it stands for.
      '▮ answer 6.0s',
    ]);
  });

  it('gives the shortest stretch a mark, and every stretch a mark of its own in ASCII', () => {
    const short = doneRow(1, { firstByteMs: asDuration(1), totalMs: asDuration(600_000) });
    expect(barOf(short)[0]).toBe(`▯${'▮'.repeat(59)} total 10.0s`);
    const ascii = createTheme({ ascii: true, color: false });
    const [bar = '', ...figures] = timingBar(ascii, whole, { columns: 60, now, total: '10.0s' });
    expect(bar).toMatch(/^-+x+\.+#+ total 10\.0s$/);
    expect(figures.join(' ')).toMatch(
      /^- kept waiting .*x other accounts .*\. to the first byte .*# answer /,
    );
  });

  it('tells a request without an answer from one that waits for it', () => {
    const none = doneRow(1, { account: null, status: 502, firstByteMs: null, totalMs: asDuration(90) });
    expect(barOf({ ...none, request: { ...none.request, attempts: [] } } as typeof none)[1]).toBe(
      '▯ no answer 90ms',
    );
    expect(barOf(liveRow(1, { at: later(-3000) }))[1]).toBe('▯ to the first byte ...');
    expect(barOf(liveRow(1, { at: later(-3000), heldUntil: later(1000) }))[1]).toBe('· kept waiting ...');
    expect(barOf(liveRow(1, { at: later(-3000), firstByteMs: 400 }))[1]).toBe(
      '▯ to the first byte 400ms, ▮ answer ...',
    );
  });

  it('keeps a mark for each stretch where there is hardly room for them', () => {
    const attempts = [failed('team-a', 7), forwarded];
    const times = { waitMs: asDuration(1), firstByteMs: asDuration(9), totalMs: asDuration(16) };
    expect(barOf(doneRow(1, { ...times, attempts }), 16)[0]).toBe('·✗▯▮ total 10.0s'.slice(0, 16));
  });

  it('is the total alone where no time has passed, or there is no room', () => {
    expect(barOf(doneRow(1, { firstByteMs: null, totalMs: asDuration(0) }))).toEqual(['total 10.0s']);
    expect(barOf(whole, 12)).toEqual(['total 10.0s']);
  });

  it('never is wider than its room, and never tells more time than there was', () => {
    const ms = fc.integer({ min: 0, max: 10_000_000 }).map(asDuration);
    fc.assert(
      fc.property(
        ms,
        ms,
        ms,
        ms,
        fc.integer({ min: 12, max: 130 }),
        (waitMs, firstByteMs, totalMs, tried, columns) => {
          const attempts = [failed('team-a', tried), forwarded];
          const row = doneRow(1, { waitMs, firstByteMs, totalMs, attempts });
          const sum = phasesOf(row, now).reduce((all, phase) => all + phase.ms, 0);
          expect(sum).toBe(totalMs);
          for (const line of barOf(row, columns)) expect(displayWidth(line)).toBeLessThanOrEqual(columns);
        },
      ),
    );
  });
});
