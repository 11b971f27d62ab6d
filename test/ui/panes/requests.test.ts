import { describe, expect, it } from 'vitest';
import { layoutFor } from '../../../source/ui/layout.ts';
import { requestsPane } from '../../../source/ui/panes/requests.ts';
import { createTheme } from '../../../source/ui/theme.ts';
import { firstView, type View } from '../../../source/ui/view.ts';
import { busyState, doneRow, emptyState, now } from '../sample.ts';

const theme = createTheme({ ascii: false, color: false });
const size = { columns: 100, rows: 20 };
const show = (state: typeof busyState, view: View = { ...firstView, pane: 'requests' }): readonly string[] =>
  requestsPane({ state, view, size, notice: null, theme, now }, layoutFor(size, 4, view.pane));

describe('requestsPane', () => {
  it('ends with the newest request and marks it', () => {
    const rows = Array.from({ length: 50 }, (_, i) => doneRow(i + 1, { account: `a${i + 1}` }));
    const lines = show({ ...busyState, rows });
    expect(lines.at(-1)).toMatch(/^> \S+ a50 /);
    expect(lines.at(-2)).toMatch(/^ {2}\S+ a49 /);
    expect(lines[0]).toMatch(/FOLLOW ─$/);
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
});
