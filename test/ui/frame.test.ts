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
import { accountSorts } from '../../source/ui/account-list.ts';
import type { Dialog } from '../../source/ui/dialog.ts';
import { makeFrame, sameFrame, type Frame } from '../../source/ui/frame.ts';
import type { PromptLook } from '../../source/ui/prompt.ts';
import { fieldOf } from '../../source/ui/text-field.ts';
import { listFilter } from '../../source/ui/request-list.ts';
import { requestSorts } from '../../source/ui/sort-keys.ts';
import { openAccountDetail } from '../../source/ui/overlays/account-detail.ts';
import { createTheme } from '../../source/ui/theme.ts';
import { firstView, type FrameInput } from '../../source/ui/view.ts';
import { inRun } from '../kit/long-run.ts';
import { everyPage } from './every-page.ts';
import { accountOf, busyState, doneRow, emptyState, later, now, windowOf } from './sample.ts';
import { commandPlace } from './overlays/dialog-place.ts';

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
const linesOf = ({
  layout,
  header,
  banner,
  dialog,
  help,
  accounts,
  requests,
  log,
  prompt,
  footer,
}: Frame): string[] =>
  layout.kind === 'small'
    ? [header]
    : [
        header,
        ...banner,
        ...(dialog ?? []),
        ...(help ?? []),
        ...accounts,
        ...requests,
        ...log,
        ...(prompt === null ? [] : [prompt]),
        footer,
      ];

type GeneratedOf<Source> = Source extends Arbitrary<infer Value> ? Value : never;

/** Too wide, too many, and painted. */
const page: Dialog = {
  lines: () => Array.from({ length: 99 }, () => `\u001B[36m${'日本'.repeat(80)}\u001B[39m`),
  footer: () => [{ key: 'Enter', text: 'x'.repeat(250) }],
  press: () => {},
  paste: () => {},
};

/** What a person typed, and what is said of it, both far too long. */
const typing: PromptLook = {
  label: ':',
  field: fieldOf('日本\u001B[2J'.repeat(60)),
  problem: { column: 150, message: 'no such thing\n'.repeat(40) },
  candidates: [],
  taken: -1,
  hint: '',
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

/** The detail of an account whose texts are hostile. */
const accountPage = openAccountDetail(commandPlace(async () => [], hostileState).context) ?? page;

const filters = ['', 'is:error', 'no such thing', '日本'.repeat(60)].flatMap((text) => {
  const found = listFilter(text);
  if (!found.ok) return [];
  const { filter } = found;
  return filter === null ? [null] : [filter, { ...filter, on: false }];
});
const sorts = requestSorts.flatMap(({ name: by }) => [
  { by, reversed: false },
  { by, reversed: true },
]);
const accountOrders = accountSorts.map(({ name: by }, index) => ({ by, reversed: index % 2 === 1 }));
const clears = [null, new Set(busyState.rows.slice(0, 5).map(({ request }) => request.id))];

describe('makeFrame', () => {
  it(
    'has as many lines as the terminal has rows and none wider than it, at any size',
    () => {
      const states = [busyState, emptyState, hostileState];
      const place = { selected: 4, top: 2 };
      const views = record({
        pane: constantFrom<Pane>('accounts', 'requests', 'log'),
        zoomed: boolean(),
        logShown: boolean(),
        help: boolean(),
        helpTop: nat(60),
        helpQuery: constantFrom('', 'request', 'no such key \u001B[2J日本'),
        accountTop: nat(40),
        account: option(record({ id: constant(busyState.accounts[2]!.id), index: nat(40) }), { nil: null }),
        request: option(constant(place), { nil: null }),
        frozen: option(constantFrom(...states), { nil: null }),
        log: option(constant(place), { nil: null }),
        list: record({
          filter: constantFrom(...filters),
          sort: constantFrom(...sorts),
          cleared: constantFrom(...clears),
        }),
        accountSort: constantFrom(...accountOrders),
        columns: record({ scrolled: nat(16), wide: boolean() }),
      });
      const looks = record({
        state: constantFrom(...states),
        view: views,
        notice: option(constantFrom('draining 3', '\u001B[2J日本'.repeat(60)), { nil: null }),
        size: record({ columns: integer({ min: 1, max: 200 }), rows: integer({ min: 1, max: 60 }) }),
        ascii: boolean(),
        compact: boolean(),
        dialog: option(constantFrom<Dialog>(page, { ...page, beside: true }, accountPage), { nil: null }),
        prompt: option(constant(typing), { nil: null }),
        banner: option(constantFrom('none serves', '\u001B[2J日本'.repeat(60)), { nil: null }),
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
      assert(property(looks, fits), { numRuns: inRun(250, 3000) });
    },
    inRun(20_000, 240_000),
  );

  it('looks as in a narrow terminal where that was asked for, with more requests', () => {
    const size = { columns: 100, rows: 40 };
    const [usual, compact] = [false, true].map((wish) => makeFrame(input({ size, compact: wish }))) as [
      Frame,
      Frame,
    ];
    expect(compact.layout).toMatchObject({ kind: 'narrow', headings: false, columns: 100, rows: 40 });
    expect(compact.layout.requests).toBeGreaterThan(usual.layout.requests);
    expect(linesOf(compact).join('\n')).not.toMatch(/account +state|time +account/);
    expect(linesOf(compact)).toHaveLength(40);
  });

  it('says over the help how much of it is below, where a title has room', () => {
    const help = (helpTop: number, rows = 20): Frame =>
      makeFrame(input({ view: { ...firstView, help: true, helpTop }, size: { columns: 100, rows } }));
    expect(help(0).help?.[0]).toMatch(/^─ Keys ─+ \d+ more below ─$/);
    expect(help(99).help?.[0]).toMatch(/^─ Keys ─+$/);
    expect(help(99).help?.at(-1)).not.toBe('');
    expect(help(0, 9).help?.[0]).toMatch(/^ Accounts, where you are/);
  });

  it('keeps a banner under the header, whatever is open', () => {
    const all = [{}, { help: true }, { zoomed: true }].map((view) =>
      makeFrame(input({ banner: 'no account can serve', view: { ...firstView, ...view } })),
    );
    for (const frame of [...all, makeFrame(input({ banner: 'no account can serve' }), page)]) {
      expect(linesOf(frame)[1]).toMatch(/^ ✗ no account can serve *$/);
      expect(linesOf(frame)).toHaveLength(30);
    }
    const tiny = linesOf(makeFrame(input({ banner: 'none serves', size: { columns: 30, rows: 6 } })));
    expect(tiny[1]).toMatch(/^✗ none serves/);
    expect(sameFrame(makeFrame(input()), makeFrame(input({ banner: 'x' })))).toBe(false);
  });

  it('puts a dialog beside the panes where there is room, and over them elsewhere', () => {
    const beside: Dialog = { ...page, beside: true, lines: (_, { columns }) => [`right ${columns}`] };
    const wide = makeFrame(input({ size: { columns: 130, rows: 30 }, notice: 'note' }), beside);
    const [title = '', ...lines] = wide.dialog ?? [];
    expect(title).toMatch(/^─ 1 Accounts ─.*─│right 65$/);
    expect(lines.join('\n')).toMatch(/^>.*● work .*│$/m);
    expect(lines.join('\n')).toMatch(/^─ 2 Requests ─.* FOLLOW \(F\) ─│$/m);
    expect(lines.at(-1)?.trim()).toBe('note');
    expect(wide.accounts).toEqual([]);
    const narrow = makeFrame(input({ size: { columns: 119, rows: 30 } }), beside);
    expect(narrow.dialog?.[0]).toBe('right 119');
    expect(makeFrame(input({ size: { columns: 130, rows: 30 } }), page).dialog?.[0]).not.toContain('│');
  });

  const widths = Array.from({ length: 110 }, (_, i) => i + 1).concat([
    119, 128, 137, 146, 155, 164, 173, 182, 191, 200,
  ]);
  const heights = Array.from({ length: 20 }, (_, i) => i + 1).concat([29, 38, 47, 56]);

  it('fits at every size that there is', () => {
    const misfits: unknown[] = [];
    for (const columns of widths) {
      for (const rows of heights) {
        const size = { columns, rows };
        for (const prompt of [null, typing]) {
          const lines = linesOf(makeFrame(input({ state: hostileState, size, prompt })));
          const count = columns < 30 || rows < 6 ? 1 : rows;
          const fits = lines.length === count && lines.every((line) => displayWidth(line) <= columns);
          if (!fits) misfits.push({ size, prompt });
        }
      }
    }
    expect(misfits).toEqual([]);
  });

  it('has as many lines as the terminal has rows with every page, with a note, a banner and a prompt', async () => {
    const more = { notice: 'draining 3', banner: 'none serves', prompt: typing };
    for (const [name, opened] of await everyPage()) {
      for (const [columns, rows] of [
        [30, 6],
        [31, 9],
        [46, 15],
        [60, 20],
        [100, 30],
        [130, 40],
      ] as const) {
        for (const part of [{}, more]) {
          const lines = linesOf(makeFrame(input({ size: { columns, rows }, ...part }), opened));
          const fits = lines.length === rows && lines.every((line) => displayWidth(line) <= columns);
          expect(fits, `${name} in ${columns}x${rows}`).toBe(true);
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

  it('names the keys that lead on when there is no account', () => {
    const text = linesOf(makeFrame(input({ state: emptyState }))).join('\n');
    expect(text).toMatch(/a {2}add an API key/);
    const tiny = linesOf(makeFrame(input({ state: emptyState, size: { columns: 30, rows: 6 } }))).join('\n');
    expect(tiny).toContain('a add a key');
    expect(tiny).toContain('d demo');
  });

  it('shows a notice in place of the log, and of the footer where there is no log', () => {
    const notice = 'draining 3, 24 s; again = now';
    expect(makeFrame(input({ notice })).log.at(-1)).toBe(` ${notice}`.padEnd(100));
    const tiny = makeFrame(input({ notice, size: { columns: 30, rows: 6 } }));
    expect(tiny.footer).toContain('draining 3, 24 s; again');
  });

  it('says in the title of the requests whether they are followed', () => {
    expect(makeFrame(input()).requests[0]).toMatch(/^─ 2 Requests ─+ FOLLOW \(F\) ─$/);
    const view = { ...firstView, pane: 'requests' as const, request: { selected: 3, top: 1 } };
    expect(makeFrame(input({ view })).requests[0]).toMatch(
      /^▸ 2 Requests ─+ not following · 5 below \(F\) ─$/,
    );
  });

  it('says at the foot what is filtered where there is no title, in the smallest screen', () => {
    const found = listFilter('is:error');
    const filter = found.ok ? found.filter : null;
    for (const pane of ['accounts', 'requests'] as const) {
      const view: FrameInput['view'] = { ...firstView, pane, list: { ...firstView.list, filter } };
      for (const columns of [30, 32, 40]) {
        expect(makeFrame(input({ view, size: { columns, rows: 7 } })).footer).toMatch(
          /^filter 3\/8 {2}.*\? help/,
        );
      }
    }
  });

  it('has three panes with their numbers in a wide terminal, and more rows in a taller one', () => {
    const heights = [24, 30, 50].map((rows) => {
      const { accounts, requests, log } = makeFrame(input({ size: { columns: 100, rows } }));
      expect(accounts[0]).toMatch(/^▸ 1 Accounts ─/);
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
    const asked = { ...typing, field: fieldOf('x') };
    const [typed, more] = [asked, { ...asked, field: fieldOf('xy') }];
    expect(sameFrame(makeFrame(input({ prompt: typed })), makeFrame(input({ prompt: more })))).toBe(false);
    const help = { ...firstView, help: true };
    expect(sameFrame(makeFrame(input()), makeFrame(input({ view: help })))).toBe(false);
    const size = { columns: 60, rows: 12 };
    const scrolled = makeFrame(input({ view: { ...help, helpTop: 1 }, size }));
    expect(sameFrame(makeFrame(input({ view: help, size })), scrolled)).toBe(false);
    expect(sameFrame(makeFrame(input()), makeFrame(input({ size: { columns: 101, rows: 30 } })))).toBe(false);
  });
});
