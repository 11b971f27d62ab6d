import {
  assert,
  boolean,
  constant,
  constantFrom,
  integer,
  nat,
  option,
  property,
  record,
  type Arbitrary,
} from 'fast-check';
import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { Pane } from '../../source/shared/action.ts';
import { displayWidth } from '../../source/shared/display-width.ts';
import type { Dialog } from '../../source/ui/dialog.ts';
import { makeFrame, sameFrame, type Frame } from '../../source/ui/frame.ts';
import { createTheme } from '../../source/ui/theme.ts';
import { firstView, type FrameInput } from '../../source/ui/view.ts';
import { accountOf, busyState, doneRow, emptyState, later, now, windowOf } from './sample.ts';

const theme = createTheme({ ascii: false, color: false });
const input = (part: Partial<FrameInput> = {}): FrameInput => ({
  state: busyState,
  view: firstView,
  size: { columns: 100, rows: 30 },
  notice: null,
  theme,
  now,
  ...part,
});
/** Every line of the screen, from top to bottom. */
const linesOf = ({ layout, header, dialog, help, accounts, requests, log, footer }: Frame): string[] =>
  layout.kind === 'small'
    ? [header]
    : [header, ...(dialog ?? []), ...(help ?? []), ...accounts, ...requests, ...log, footer];

type GeneratedOf<Source> = Source extends Arbitrary<infer Value> ? Value : never;

/** Too wide, too many, and painted. */
const page: Dialog = {
  lines: () => Array.from({ length: 99 }, () => `\u001B[36m${'日本'.repeat(80)}\u001B[39m`),
  footer: () => [{ key: 'Enter', text: 'x'.repeat(250) }],
  press: () => {},
  paste: () => {},
};

const hostileState = {
  ...busyState,
  url: 'http://[::1]:65535/\u001B[2J',
  accounts: [
    accountOf('\u001B]0;owned\u0007名前がとても長いアカウント', { windows: [windowOf('5h', 12, 1e12)] }),
    accountOf('a', { state: 'error', reason: 'x\n'.repeat(300), windows: busyState.accounts[0]!.windows }),
    ...Array.from({ length: 30 }, (_, i) => accountOf(`account-${i}`)),
  ],
  rows: [
    ...busyState.rows,
    doneRow(9, {
      model: '🦊\u202E\u0000'.repeat(40),
      error: '\r\u001B[31mx',
      outcome: 'error',
      account: '日'.repeat(50),
    }),
  ],
  log: [{ seq: 1, at: now, level: 'error' as const, text: '\u001B[?1049l\n'.repeat(50) }],
  totals: { ...busyState.totals, errors: 123_456_789 },
  dropped: 12,
};

describe('makeFrame', () => {
  it('has as many lines as the terminal has rows and none wider than it, at any size', () => {
    const states = [busyState, emptyState, hostileState];
    const place = { selected: 4, top: 2 };
    const views = record({
      pane: constantFrom<Pane>('accounts', 'requests', 'log'),
      zoomed: boolean(),
      logShown: boolean(),
      help: boolean(),
      helpTop: nat(60),
      accountTop: nat(40),
      account: option(record({ id: constant(busyState.accounts[2]!.id), index: nat(40) }), { nil: null }),
      request: option(constant(place), { nil: null }),
      frozen: option(constantFrom(...states), { nil: null }),
      log: option(constant(place), { nil: null }),
    });
    const looks = record({
      state: constantFrom(...states),
      view: views,
      notice: option(constantFrom('draining 3', '\u001B[2J日本'.repeat(60)), { nil: null }),
      size: record({ columns: integer({ min: 1, max: 200 }), rows: integer({ min: 1, max: 60 }) }),
      ascii: boolean(),
      dialog: option(constant(page), { nil: null }),
    });
    const fits = ({ ascii, dialog, ...look }: GeneratedOf<typeof looks>): void => {
      const { columns, rows } = look.size;
      const theme = createTheme({ ascii, color: false });
      const drawn = linesOf(makeFrame({ ...look, theme, now }, dialog));
      // Only the dialog is painted here.
      const lines = dialog === null ? drawn : drawn.map((line) => stripVTControlCharacters(line));
      expect(lines.length).toBe(columns < 30 || rows < 6 ? 1 : rows);
      expect(Math.max(...lines.map(displayWidth))).toBeLessThanOrEqual(columns);
      // The dialog here is none of ours.
      expect(ascii && dialog === null && lines.some((line) => /[^\x20-\x7e]/.test(line))).toBe(false);
    };
    assert(property(looks, fits), { numRuns: 1000 });
  });

  it('fits at every size that there is', () => {
    for (let columns = 1; columns <= 200; columns += columns < 110 ? 1 : 9) {
      for (let rows = 1; rows <= 60; rows += rows < 20 ? 1 : 9) {
        const size = { columns, rows };
        const lines = linesOf(makeFrame(input({ state: hostileState, size })));
        expect(lines.length).toBe(columns < 30 || rows < 6 ? 1 : rows);
        expect(Math.max(...lines.map(displayWidth))).toBeLessThanOrEqual(columns);
      }
    }
  });

  it('lets nothing from outside act on the terminal', () => {
    for (const columns of [30, 60, 120]) {
      const frame = makeFrame(
        input({ state: hostileState, size: { columns, rows: 40 }, notice: '\u001B[2J\n' }),
      );
      for (const line of linesOf(frame)) expect(line).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    }
  });

  it('is the same picture with colours', () => {
    const color = createTheme({ ascii: false, color: true });
    for (const columns of [30, 60, 100]) {
      const size = { columns, rows: 20 };
      const painted = linesOf(makeFrame(input({ size, theme: color }))).map((line) =>
        stripVTControlCharacters(line),
      );
      expect(painted).toEqual(linesOf(makeFrame(input({ size }))));
    }
  });

  it('is pure ASCII when asked to', () => {
    const ascii = createTheme({ ascii: true, color: false });
    for (const state of [busyState, emptyState, hostileState]) {
      for (const columns of [30, 60, 100]) {
        const text = linesOf(makeFrame(input({ state, theme: ascii, size: { columns, rows: 20 } }))).join('');
        expect(text).toMatch(/^[\x20-\x7e]*$/);
      }
    }
  });

  it('says what is needed when nothing fits', () => {
    expect(makeFrame(input({ size: { columns: 24, rows: 5 } })).header).toBe('30x6 needed, have 24x5');
  });

  it('says what to type when there is no account', () => {
    const text = linesOf(makeFrame(input({ state: emptyState }))).join('\n');
    expect(text).toContain('ccr-tui account add work');
    expect(text).toMatch(/a {2}adds one here/);
    expect(text).toContain('ccr-tui run -- claude');
    const tiny = linesOf(makeFrame(input({ state: emptyState, size: { columns: 30, rows: 6 } }))).join('\n');
    expect(tiny).toContain('ccr-tui account add work');
    expect(tiny).toContain('ccr-tui run -- claude');
  });

  it('shows a notice in place of the log, and of the footer where there is no log', () => {
    const notice = 'draining 3, 24 s; again = now';
    expect(makeFrame(input({ notice })).log.at(-1)).toBe(` ${notice}`.padEnd(100));
    const tiny = makeFrame(input({ notice, size: { columns: 30, rows: 6 } }));
    expect(tiny.footer).toContain('draining 3, 24 s; again');
  });

  it('says in the title of the requests whether they are followed', () => {
    expect(makeFrame(input()).requests[0]).toMatch(/^─ 2 Requests ─+ FOLLOW ─$/);
    const view = { ...firstView, pane: 'requests' as const, request: { selected: 3, top: 1 } };
    expect(makeFrame(input({ view })).requests[0]).toMatch(/^─ 2 Requests ─+ PAUSED · 5 below ─$/);
  });

  it('has three panes with their numbers in a wide terminal, and more rows in a taller one', () => {
    const heights = [24, 30, 50].map((rows) => {
      const { accounts, requests, log } = makeFrame(input({ size: { columns: 100, rows } }));
      expect(accounts[0]).toMatch(/^─ 1 Accounts ─/);
      expect(requests[0]).toMatch(/^─ 2 Requests ─/);
      expect(log[0]).toMatch(/^─ 3 Log ─+ L hides ─$/);
      return [requests.length, log.length];
    });
    expect(heights).toEqual(heights.toSorted(([a = 0], [b = 0]) => a - b));
    expect(heights.map(([, log]) => log)).toEqual([3, 4, 6]);
  });

  it('has the newest log sentence alone in a narrow terminal, and none in a tiny one', () => {
    const narrow = makeFrame(input({ size: { columns: 60, rows: 20 } }));
    expect(narrow.log).toHaveLength(1);
    expect(narrow.log[0]).toContain('team-a reached its 5h limit, back at 14:19');
    expect(makeFrame(input({ size: { columns: 30, rows: 6 } })).log).toEqual([]);
    const view = { ...firstView, logShown: false };
    expect(makeFrame(input({ view, size: { columns: 60, rows: 20 } })).log).toEqual([]);
    expect(makeFrame(input({ view })).log).toEqual([]);
  });

  it('gives all room between header and footer to a zoomed pane', () => {
    for (const pane of ['accounts', 'requests', 'log'] as const) {
      for (const size of [
        { columns: 100, rows: 30 },
        { columns: 60, rows: 20 },
        { columns: 30, rows: 6 },
      ]) {
        const frame = makeFrame(input({ size, view: { ...firstView, pane, zoomed: true } }));
        expect(frame[pane]).toHaveLength(size.rows - 2);
        const others = ['accounts', 'requests', 'log'] as const;
        expect(others.filter((each) => frame[each].length > 0)).toEqual([pane]);
      }
    }
  });
});

describe('sameFrame', () => {
  it('is true exactly when every line is the same', () => {
    expect(sameFrame(makeFrame(input()), makeFrame(input()))).toBe(true);
    expect(sameFrame(makeFrame(input()), makeFrame(input({ now: later(1000) })))).toBe(false);
    expect(sameFrame(makeFrame(input()), makeFrame(input({ notice: 'x' })))).toBe(false);
    const help = { ...firstView, help: true };
    expect(sameFrame(makeFrame(input()), makeFrame(input({ view: help })))).toBe(false);
    const size = { columns: 60, rows: 12 };
    const scrolled = makeFrame(input({ view: { ...help, helpTop: 1 }, size }));
    expect(sameFrame(makeFrame(input({ view: help, size })), scrolled)).toBe(false);
    expect(sameFrame(makeFrame(input()), makeFrame(input({ size: { columns: 101, rows: 30 } })))).toBe(false);
  });
});
