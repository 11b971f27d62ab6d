import { describe, expect, it } from 'vitest';
import { displayWidth } from '../../../source/shared/display-width.ts';
import { listFilter } from '../../../source/ui/request-list.ts';
import {
  briefNote,
  emptyWords,
  grouped,
  noteRoom,
  requestNote,
} from '../../../source/ui/panes/request-title.ts';
import { createTheme } from '../../../source/ui/theme.ts';
import { firstView, type View } from '../../../source/ui/view.ts';
import { hostileCharacter, hostileText } from '../../kit/hostile-text.ts';
import { busyState, doneRow } from '../sample.ts';

const theme = createTheme({ ascii: false, color: false });
const ascii = createTheme({ ascii: true, color: false });
const state = { ...busyState, rows: Array.from({ length: 1000 }, (_, i) => doneRow(i + 1204)), seen: 2203 };
const focused: View = { ...firstView, pane: 'requests' };
const filter = (text: string, on = true, view = focused): View => {
  const found = listFilter(text);
  const made = found.ok ? found.filter : null;
  return { ...view, list: { ...view.list, filter: made === null ? null : { ...made, on } } };
};
const note = (view: View, room = 200, above = 0): string => requestNote({ state, view, theme }, room, above);

describe('requestNote', () => {
  it('says whether it follows, and with which key', () => {
    expect(note(focused)).toBe('FOLLOW (F) · 1,000 kept of 2,203');
    expect(note({ ...focused, request: { selected: 2200, top: 2190 } })).toBe('not following · 3 below (F)');
    const frozen = { ...focused, frozen: { rows: state.rows.slice(0, 9), seen: 2000 } };
    expect(note(frozen)).toBe('FROZEN · 203 new (Space)');
  });

  it('says what is filtered, how many of how many that leaves, and how to get at the rest', () => {
    expect(note(filter('id:r2200'))).toBe(
      'FOLLOW (F) · filter: id:r2200 · 1 of 1,000 (Ctrl-F) · 1,000 kept of 2,203',
    );
    expect(note(filter('is:error'))).toContain('filter: is:error · 0 of 1,000 (Ctrl-F)');
    expect(note(filter('is:error', false))).toContain('filter off: is:error (Ctrl-F)');
    const frozen = { ...focused, frozen: { rows: state.rows, seen: 2203 } };
    expect(note(filter('id:r220', true, frozen))).toBe(
      'FROZEN · 0 new (Space) · filter: id:r220 · 4 of 1,000 (Ctrl-F)',
    );
  });

  it('says which order it is in, and that nothing is followed in another one than that of time', () => {
    const sorted = (by: string, reversed = false, request: View['request'] = null): string =>
      note({ ...focused, request, list: { ...focused.list, sort: { by, reversed } } });
    expect(sorted('total')).toBe('running, then slowest first (o) · 1,000 kept of 2,203');
    expect(sorted('total', true)).toContain('fastest first, then running (o)');
    expect(sorted('time', true)).toContain('FOLLOW (F) · newest first (o)');
    expect(sorted('time', true, { selected: 2200, top: 2203, index: 0 })).toContain(
      'not following · 3 above (F)',
    );
  });

  it('says how many are above the edge of a sorted list, which is to show the first ones', () => {
    const sorted = (by: string, room: number, above: number): string =>
      note({ ...focused, list: { ...focused.list, sort: { by, reversed: by === 'time' } } }, room, above);
    expect(sorted('total', 200, 37)).toContain('running, then slowest first · 37 above (o)');
    expect(sorted('total', 30, 1200)).toBe('slowest first · 1,200 above');
    expect(sorted('total', 20, 37)).toBe('slowest first');
    expect(sorted('total', 200, 0)).not.toContain('above');
    expect(sorted('time', 200, 37)).not.toContain('above');
  });

  it('says that columns are out of view, at which side, and which key leads there', () => {
    const columns = (scrolled: number, wide: boolean, hidden: { left: number; more: number }, room = 200) =>
      requestNote({ state, view: { ...focused, columns: { scrolled, wide } }, theme, hidden }, room);
    expect(columns(2, false, { left: 2, more: 1 })).toContain(
      '(F) · 2 columns to the left (h) · 1 more column (l) · ',
    );
    expect(columns(0, true, { left: 0, more: 0 })).toContain('(F) · wide (w) · ');
    expect(columns(0, true, { left: 0, more: 3 })).toContain('(F) · wide (w) · 3 more columns (l) · ');
    expect(columns(2, true, { left: 2, more: 5 }, 43)).toBe('FOLLOW · 2 columns to the left · 5 more');
    // Where nobody asked for other columns it takes no room from anything.
    expect(columns(0, false, { left: 0, more: 5 }, 54)).toBe(
      'FOLLOW (F) · 5 more columns (l) · 1,000 kept of 2,203',
    );
    expect(columns(0, false, { left: 0, more: 5 }, 51)).toBe('FOLLOW (F) · 1,000 kept of 2,203');
  });

  it('says nothing of columns while there is no request', () => {
    const none = { ...state, rows: [], seen: 0 };
    expect(requestNote({ state: none, view: focused, theme, hidden: { left: 0, more: 5 } }, 200)).toBe('');
  });

  it('leaves out keys first, then what matters least, and never the count of matches', () => {
    const view = { ...filter('status>=400 account:work'), columns: { scrolled: 1, wide: false } };
    const hidden = { left: 1, more: 0 };
    const said = [110, 80, 62, 52, 30, 18].map((room) => requestNote({ state, view, theme, hidden }, room));
    expect(said).toEqual([
      'FOLLOW · filter: status>=400 account:work · 0 of 1,000 · 1 column to the left · 1,000 kept of 2,203',
      'FOLLOW · filter: status>=400 account:work · 0 of 1,000 · 1 column to the left',
      'FOLLOW · filter: status>=400 account:work · 0 of 1,000',
      'filter: status>=400 account:work · 0 of 1,000',
      'filter: status>… · 0 of 1,000',
      '0 of 1,000',
    ]);
    const none = { ...state, rows: [], seen: 0 };
    expect(requestNote({ state: none, view: focused, theme }, 99)).toBe('');
    const moved = { ...focused, request: { selected: 2200, top: 2190 } };
    expect([note(moved, 26), note(moved, 12)]).toEqual(['not following · 3 below', '3 below']);
  });

  it.each(hostileText)('lets nothing in a filter act on the terminal: %s', (_, text) => {
    for (const on of [true, false]) {
      const view = filter(`"${text.replaceAll(/["\\]/g, '')}"`, on);
      expect(note(view)).not.toMatch(hostileCharacter);
      expect(emptyWords({ state, view }) ?? '').not.toMatch(hostileCharacter);
    }
  });
});

describe('briefNote', () => {
  it('says in a few words what keeps requests out of view, and nothing while they come as they are', () => {
    const brief = (view: View): string => briefNote({ state, view, theme });
    expect(brief(focused)).toBe('');
    expect(brief({ ...filter('id:r220'), request: { selected: 2200, top: 2190 } })).toBe(
      '3 below filter 4/1000',
    );
    expect(brief(filter('is:error', false))).toBe('');
    const sorted = { ...focused.list, sort: { by: 'total', reversed: false } };
    expect(brief({ ...focused, list: sorted, frozen: { rows: state.rows, seen: 2203 } })).toBe(
      'FROZEN sorted',
    );
  });
});

describe('emptyWords', () => {
  it('says why nothing is there, and how it comes back', () => {
    expect(emptyWords({ state, view: filter('is:error') })).toBe(
      'No request matches is:error; Ctrl-F shows all 1,000',
    );
    expect(emptyWords({ state, view: focused })).toBeNull();
    const cleared = new Set(state.rows.map(({ request }) => request.id));
    expect(emptyWords({ state, view: { ...focused, list: { ...focused.list, cleared } } })).toBe(
      'Cleared: only requests from now on are shown',
    );
    const none = { ...state, rows: [], seen: 0 };
    expect(emptyWords({ state: none, view: filter('is:error') })).toBeNull();
  });
});

describe('the words of a title', () => {
  it('have the room that the rule over the pane leaves them', () => {
    expect(noteRoom(theme, '2 Requests', 60)).toBe(43);
    for (const width of [30, 46, 60, 100]) {
      const room = noteRoom(ascii, '2 Requests', width);
      const text = requestNote({ state, view: filter('日本'.repeat(9)), theme: ascii }, room);
      expect(displayWidth(ascii.text(text))).toBeLessThanOrEqual(Math.max(room, 19));
    }
  });

  it('have their counts grouped', () => {
    expect(grouped(1_234_567)).toBe('1,234,567');
  });
});
