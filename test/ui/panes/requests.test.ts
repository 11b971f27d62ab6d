import { describe, expect, it } from 'vitest';
import { asDuration } from '../../../source/shared/types.ts';
import type { RequestRow } from '../../../source/store/state.ts';
import { keymapOf } from '../../../source/ui/keymap.ts';
import { layoutFor } from '../../../source/ui/layout.ts';
import { listFilter } from '../../../source/ui/request-list.ts';
import { requestsPane } from '../../../source/ui/panes/requests.ts';
import { createTheme } from '../../../source/ui/theme.ts';
import { firstView, type View } from '../../../source/ui/view.ts';
import { busyState, doneRow, emptyState, now } from '../sample.ts';

const theme = createTheme({ ascii: false, color: false });
const size = { columns: 100, rows: 20 };
const show = (state: typeof busyState, view: View = { ...firstView, pane: 'requests' }): readonly string[] =>
  requestsPane({ state, view, size, notice: null, theme, now }, layoutFor(size, 4, view.pane));

const many = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, i) =>
    doneRow(from + i, { account: `a${from + i}`, attempts: [] }),
  );
const focused: View = { ...firstView, pane: 'requests' };

describe('requestsPane', () => {
  it('ends with the newest request and marks it', () => {
    const lines = show({ ...busyState, rows: many(1, 50), seen: 50 });
    expect(lines.at(-1)).toMatch(/^> \S+ a50 /);
    expect(lines.at(-2)).toMatch(/^ {2}\S+ a49 /);
    expect(lines[0]).toMatch(/^▸ 2 Requests ─+ FOLLOW \(F\) ─$/);
  });

  it('says how many of all requests are still there', () => {
    expect(show({ ...busyState, rows: many(8872, 9871), seen: 9871 })[0]).toMatch(
      / FOLLOW \(F\) · 1,000 kept of 9,871 ─$/,
    );
  });

  it('says how many came below a list that stands still', () => {
    const view = { ...focused, request: { selected: 3, top: 1 } };
    const lines = show({ ...busyState, rows: many(1, 60), seen: 60 }, view);
    expect(lines[0]).toMatch(/ not following · 57 below \(F\) ─$/);
    expect(lines[4]).toMatch(/^> \S+ a3 /);
  });

  it('shows a frozen list as it was, and how many are new since', () => {
    const before = { ...busyState, rows: many(1, 1000), seen: 1000 };
    const view = { ...focused, frozen: { rows: before.rows, seen: before.seen } };
    const after = { ...busyState, rows: many(1058, 2057), seen: 2057 };
    expect(show(after, view)[0]).toMatch(/ FROZEN · 1,057 new \(Space\) ─$/);
    expect(show(after, view).slice(1)).toEqual(show(before, view).slice(1));
    expect(show(before, view)[0]).toMatch(/ FROZEN · 0 new \(Space\) ─$/);
  });

  it('never cuts the end of the newest request off', () => {
    const refused = { account: 'x', status: 429, verdict: 'limited', window: null, ms: asDuration(9) };
    const rows = many(1, 40).map((row) => ({
      ...row,
      request: { ...row.request, attempts: [refused, refused] },
    })) as RequestRow[];
    const { requests } = layoutFor(size, 4, 'requests');
    const lines = show({ ...busyState, rows, seen: 40 });
    expect(lines).toHaveLength(requests + 2);
    expect(lines.at(-1)).toMatch(/^>└\S+ a40 /);
    expect(lines.at(-4)).toMatch(/^ └\S+ a39 /);
  });

  it('always fills its place', () => {
    const { requests } = layoutFor(size, 4, 'requests');
    for (const state of [busyState, emptyState, { ...busyState, rows: [] }]) {
      expect(show(state)).toHaveLength(requests + 2);
    }
  });

  it('says how to send a first request once there is an account', () => {
    expect(show({ ...busyState, rows: [] }).join('\n')).toContain('ccr-tui run -- claude');
    expect(show(emptyState).join('\n')).not.toContain('ccr-tui run');
  });

  it('names the keys of its person where nothing is there', () => {
    const keys = keymapOf(['client.connect ctrl+o', 'requests.filter-toggle ctrl+e']);
    const found = listFilter('is:error account:none');
    const view = { ...focused, list: { ...focused.list, filter: found.ok ? found.filter : null } };
    const words = ({ state = busyState, ...part }: { state?: typeof busyState; view: View }): string =>
      requestsPane({ state, ...part, size, notice: null, theme, now, keys }, layoutFor(size, 4, 'requests'))
        .slice(1)
        .join('\n');
    expect(words({ view: focused, state: { ...busyState, rows: [] } })).toContain('Ctrl-O shows what else');
    expect(words({ view })).toContain('No request matches is:error account:none; Ctrl-E shows all 8');
  });
});
