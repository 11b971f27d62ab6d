import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { displayWidth } from '../../source/shared/display-width.ts';
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
const linesOf = ({ header, accounts, requests, log, footer }: Frame): string[] => [
  header,
  ...accounts,
  ...requests,
  ...(log === null ? [] : [log]),
  footer,
];

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
  it('has never more lines than rows nor a line wider than the columns, at any size', () => {
    const requests = { ...firstView, pane: 'requests' as const };
    const looks = [busyState, emptyState, hostileState].flatMap((state) => [
      { state, view: firstView },
      { state, view: requests },
    ]);
    for (let columns = 20; columns <= 200; columns += columns < 100 ? 1 : 10) {
      for (let rows = 4; rows <= 60; rows += rows < 16 ? 1 : 7) {
        for (const look of looks) {
          const frame = makeFrame(input({ ...look, size: { columns, rows } }));
          const small = frame.layout.kind === 'small';
          const lines = small ? [frame.header] : linesOf(frame);
          expect(lines.length).toBe(small ? 1 : rows);
          expect(Math.max(...lines.map(displayWidth))).toBeLessThanOrEqual(columns);
        }
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
    expect(makeFrame(input({ notice })).log).toBe(` ${notice}`.padEnd(100));
    const tiny = makeFrame(input({ notice, size: { columns: 30, rows: 6 } }));
    expect(tiny.footer).toContain('draining 3, 24 s; again');
  });

  it('says in the title of the requests whether they are followed', () => {
    expect(makeFrame(input()).requests[0]).toMatch(/^─ 2 Requests ─+ FOLLOW ─$/);
    const view = { ...firstView, pane: 'requests' as const, request: { selected: 3, top: 1 } };
    expect(makeFrame(input({ view })).requests[0]).toMatch(/^─ 2 Requests ─+ PAUSED · 5 below ─$/);
  });
});

describe('sameFrame', () => {
  it('is true exactly when every line is the same', () => {
    expect(sameFrame(makeFrame(input()), makeFrame(input()))).toBe(true);
    expect(sameFrame(makeFrame(input()), makeFrame(input({ now: later(1000) })))).toBe(false);
    expect(sameFrame(makeFrame(input()), makeFrame(input({ notice: 'x' })))).toBe(false);
    expect(sameFrame(makeFrame(input()), makeFrame(input({ view: { ...firstView, help: true } })))).toBe(
      false,
    );
    expect(sameFrame(makeFrame(input()), makeFrame(input({ size: { columns: 101, rows: 30 } })))).toBe(false);
  });
});
