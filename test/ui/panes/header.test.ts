import { describe, expect, it } from 'vitest';
import { displayWidth } from '../../../source/shared/display-width.ts';
import type { RequestRow } from '../../../source/store/state.ts';
import { headerLine } from '../../../source/ui/panes/header.ts';
import { createTheme } from '../../../source/ui/theme.ts';
import { accountOf, busyState, doneRow, emptyState, later, liveRow, now } from '../sample.ts';

const theme = createTheme({ ascii: false, color: false });
const show = (kind: 'wide' | 'narrow' | 'tiny', columns: number, state = busyState, look = theme): string =>
  headerLine(look, state, { kind, columns, now }).replace(/\d\d:\d\d$/, 'hh:mm');

describe('headerLine', () => {
  it('says where it listens, who is ready, what flows and what went wrong', () => {
    const parts = '127.0.0.1:4180  4 accounts, 2 ready  2 in flight   8 req/min ▁▁▁▁▁▁▄█  3 err/5m';
    expect(show('wide', 100)).toBe(` ccr-tui  ${parts}${' '.repeat(6)}hh:mm`);
    expect(show('wide', 100, busyState, createTheme({ ascii: true, color: false }))).toContain(
      'req/min ......=@',
    );
  });

  it('says by which strategy accounts are chosen, where that is known and there is room', () => {
    const state = { ...busyState, strategy: 'round-robin' };
    expect(show('wide', 130, state)).toContain('  strategy round-robin  4 accounts');
    expect(show('wide', 100, state)).toContain(' ccr-tui  127.0.0.1:4180  round-robin  2/4 ready');
    expect(show('wide', 100, { ...busyState, strategy: 'x\u001B[2J' })).not.toContain('\u001B');
    expect(show('narrow', 60, state)).toBe(show('narrow', 60));
  });

  it('counts the requests that are held', () => {
    const rows = [...busyState.rows, liveRow(9, { heldUntil: later(9000) })];
    const state = { ...busyState, rows, inFlight: 3 };
    expect(show('wide', 120, state)).toContain('  2 in flight, 1 held  ');
    expect(show('narrow', 80, state)).toContain('  2 open, 1 held  ');
  });

  it('says that the history is off, however narrow it gets', () => {
    const state = { ...busyState, historyOff: true as const };
    expect(show('wide', 100, state)).toMatch(/^ history off  ccr-tui  127/);
    expect(show('narrow', 46, state)).toContain(' history off  :4180  2/4 ready');
    expect(show('tiny', 30, state)).toContain('history off');
    expect(show('wide', 100)).not.toContain('history off');
  });

  it('says that requests are captured, however narrow it gets', () => {
    const state = { ...busyState, capture: 'errors' as const };
    expect(show('wide', 120, state)).toMatch(/^ capturing  ccr-tui  127/);
    expect(show('wide', 90, state)).toMatch(/^ capturing  ccr-tui  127/);
    expect(show('narrow', 46, state)).toContain(' capturing  :4180  2/4 ready');
    expect(show('tiny', 30, state)).toContain('capturing');
    expect(show('tiny', 20, { ...state, historyOff: true as const })).toContain('capturing');
    expect(show('wide', 100)).not.toContain('capturing');
  });

  it('shows the budget that is spent furthest, as long as its period lasts', () => {
    const reached = (share: number, ms = 9000) => ({
      budget: 'all 9usd/day',
      share,
      hard: true,
      resetsAt: later(ms),
    });
    const state = { ...busyState, budgets: [reached(0.8), reached(1, -1)] };
    expect(show('wide', 120, state)).toMatch(/^ budget 80%  ccr-tui/);
    expect(show('tiny', 30, { ...state, budgets: [reached(0.8), reached(1)] })).toContain('budget spent');
    expect(show('wide', 120, { ...state, budgets: [reached(1, -1)] })).not.toContain('budget');
  });

  it('leaves out the least important when it gets narrow', () => {
    expect(show('narrow', 60)).toBe(' :4180  2/4 ready  2 open   8/min ▁▁▁▁▁▁▄█  3 err      hh:mm');
    expect(show('narrow', 46)).toBe(' :4180  2/4 ready  2 open   8/min  3 err/5m');
    expect(show('narrow', 80)).toMatch(/^ ccr-tui .* 2\/4 ready {2}2 in flight .* 3 err\/5m +hh:mm$/);
    expect(show('tiny', 30).trimEnd()).toBe(':4180 2/4 ready  8/min 3 err');
    expect(show('tiny', 30, { ...busyState, demo: true }).trimEnd()).toBe('demo 2/4 ready  8/min 3 err');
  });

  it('is brief in a wide terminal before it leaves anything out', () => {
    const full = show('wide', 140, { ...busyState, demo: true, strategy: 'sticky' });
    expect(full).toContain(
      'strategy sticky  4 accounts, 2 ready  2 in flight   8 req/min ▁▁▁▁▁▁▄█  3 err/5m',
    );
    for (const columns of [100, 96, 90]) {
      const text = show('wide', columns, { ...busyState, demo: true, strategy: 'sticky' });
      expect(text).toMatch(
        /^ demo {2}ccr-tui {2}127.0.0.1:4180 {2}sticky {2}2\/4 ready {2}2 (in flight|open) /,
      );
      expect(text).toMatch(/ {2}8\/min (▁▁▁)?▁▁▁▄█ {2}3 err(\/5m)? +hh:mm$/);
      expect(displayWidth(text)).toBe(columns);
    }
  });

  it('drops name, bars, clock, lost events, flight and rate in this order, and never comes back to one', () => {
    const state = { ...busyState, dropped: 5 };
    const known = {
      name: /ccr-tui/,
      bars: /▁▄?█/,
      clock: /hh:mm/,
      lost: /lost/,
      flight: /flight|open/,
      rate: /\/min/,
    };
    const names = (columns: number): string[] =>
      Object.entries(known).flatMap(([name, text]) =>
        text.test(show('wide', columns, state)) ? [name] : [],
      );
    const dropped: string[] = [];
    for (let columns = 140; columns > 40; columns -= 1) {
      const now = new Set(names(columns - 1));
      dropped.push(...names(columns).filter((name) => !now.has(name)));
      expect(names(columns)).toEqual(expect.arrayContaining([...now]));
    }
    expect(dropped).toEqual(['name', 'bars', 'clock', 'lost', 'flight', 'rate']);
  });

  it('leaves nothing out because a number got another digit', () => {
    const busy = Array.from({ length: 120 }, (_, i) => doneRow(i + 1, { at: later(-i) }));
    for (let columns = 46; columns <= 130; columns += 1) {
      const kind = columns < 90 ? 'narrow' : 'wide';
      const calm = show(kind, columns, { ...busyState, rows: [], seen: 0 });
      const full = show(kind, columns, { ...busyState, rows: busy, seen: 120, inFlight: 12 });
      expect(full.includes('ccr-tui')).toBe(calm.includes('ccr-tui'));
      expect(full.includes('hh:mm')).toBe(calm.includes('hh:mm'));
      expect(displayWidth(full)).toBeLessThanOrEqual(columns);
    }
  });

  it('says only that there is no account while nothing else is known', () => {
    const none = { ...emptyState, url: 'http://127.0.0.1:4180' };
    expect(show('wide', 100, none)).toMatch(/^ ccr-tui {2}127.0.0.1:4180 {2}no account yet +hh:mm$/);
    expect(show('narrow', 46, none)).toMatch(/^ ccr-tui {2}:4180 {2}no account yet +hh:mm$/);
    expect(show('tiny', 30, none).trimEnd()).toBe(':4180 no account yet');
    expect(show('wide', 120, { ...none, seen: 3 })).toContain('0 accounts, 0 ready');
  });

  it('is red only for what went wrong within the last minute', () => {
    const colors = createTheme({ ascii: false, color: true });
    const at = (age: number): string =>
      headerLine(
        colors,
        { ...busyState, rows: [doneRow(1, { outcome: 'error', at: later(-age), totalMs: 0 as never })] },
        { kind: 'wide', columns: 120, now },
      );
    expect(at(59_000)).toContain('\u001B[31m1+ err/5m');
    expect(at(61_000)).toMatch(/ 1\+ err\/5m/);
  });

  it('is honest before it listens and about what is not known', () => {
    expect(show('wide', 100, { ...emptyState, url: null })).toContain('starting');
    expect(show('wide', 120, { ...busyState, dropped: 12 })).toContain('12 events lost');
    expect(show('wide', 100, { ...emptyState, accounts: [accountOf('a')] })).toContain('1 account, 1 ready');
    // Rows that made room may have been errors, and nobody knows of the minutes before.
    const some = { ...busyState, seen: 500 };
    expect(show('wide', 100, some)).toMatch(/req\/min {8}█ {2}3\+ err\/5m/);
  });

  it('marks a rate that is only reckoned from the requests that are still there', () => {
    const rows = Array.from({ length: 1000 }, (_, i) => doneRow(i + 1, { at: later(i * 30 - 30_000) }));
    const all = { ...busyState, rows, seen: 1000 };
    expect(show('wide', 120, all)).toContain('  1000 req/min ');
    const evicted = { ...all, seen: 9000 };
    expect(show('wide', 120, evicted)).toContain('  ~2000 req/min ');
    expect(show('narrow', 80, evicted)).toContain('  ~2000/min ');
    const slow = rows.map((row, i) => ({ ...row, request: { ...row.request, at: later(i * 70 - 70_000) } }));
    expect(show('wide', 120, { ...evicted, rows: slow as RequestRow[] })).toMatch(/ \d+ req\/min /);
  });

  it('keeps the place of an address that is not there yet, and names none', () => {
    const expected = 'http://127.0.0.1:4180';
    for (const [kind, columns, place] of [
      ['wide', 100, 'starting      '],
      ['narrow', 60, ':----'],
      ['tiny', 30, ':----'],
    ] as const) {
      const before = show(kind, columns, { ...busyState, url: null, expected });
      const after = show(kind, columns);
      expect(before).toBe(after.replace(kind === 'wide' ? '127.0.0.1:4180' : ':4180', place));
    }
  });

  it('begins with the word demo when all is simulated, at every width', () => {
    const demo = { ...busyState, demo: true as const };
    for (const [kind, columns] of [
      ['wide', 100],
      ['narrow', 60],
      ['narrow', 46],
      ['tiny', 30],
      ['tiny', 10],
    ] as const) {
      expect(show(kind, columns, demo)).toMatch(/^ ?demo\b/);
      expect(show(kind, columns)).not.toContain('demo');
    }
  });

  it('says READ-ONLY at every width', () => {
    for (const [kind, columns] of [
      ['wide', 100],
      ['narrow', 46],
      ['tiny', 30],
      ['tiny', 10],
    ] as const) {
      const place = { kind, columns, now, readOnly: true };
      expect(headerLine(theme, busyState, place)).toMatch(/^ ?READ-ONLY\b/);
      expect(show(kind, columns)).not.toContain('READ-ONLY');
    }
  });

  it('says which machine it is from, where that is another one', () => {
    const at = (kind: 'wide' | 'narrow', columns: number): string =>
      headerLine(theme, busyState, { kind, columns, now, host: 'me@there\x1b' });
    expect(at('wide', 120)).toContain(String.raw` 127.0.0.1:4180 on me@there\x1b `);
    expect(at('narrow', 60)).toContain(' :4180 on me@there');
  });
});
