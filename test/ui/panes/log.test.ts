import { describe, expect, it } from 'vitest';
import { displayWidth } from '../../../source/shared/display-width.ts';
import type { LogLine, State } from '../../../source/store/state.ts';
import { keymapOf } from '../../../source/ui/keymap.ts';
import { layoutFor } from '../../../source/ui/layout.ts';
import { logHeight, logLines, logPane, newestLogLine } from '../../../source/ui/panes/log.ts';
import { createTheme } from '../../../source/ui/theme.ts';
import { firstView, type View } from '../../../source/ui/view.ts';
import { busyState, emptyState, now } from '../sample.ts';

const theme = createTheme({ ascii: false, color: false });
const entry = (seq: number, part: Partial<LogLine> = {}): LogLine => ({
  seq,
  at: now,
  level: 'info',
  text: `sentence ${seq}`,
  ...part,
});
const log = Array.from({ length: 20 }, (_, i) => entry(i + 1));
const wide = { columns: 100, rows: 30 };

const pane = (
  part: Partial<View> = {},
  state: State = { ...busyState, log },
  notice: string | null = null,
  size = wide,
) => {
  const view = { ...firstView, ...part };
  return logPane({ state, view, size, notice, theme, now }, layoutFor(size, 4, view.pane, view));
};

describe('logLines', () => {
  it('shows time, level and sentence', () => {
    const warning = entry(1, { level: 'warning', text: 'team-a reached its 5h limit' });
    const [only = '', ...more] = logLines(theme, warning, 60);
    expect(only.trimEnd()).toMatch(/^ {2}\d\d:\d\d:\d\d ! team-a reached its 5h limit$/);
    expect(more).toEqual([]);
    expect(logLines(theme, entry(1), 60).join('')).not.toContain('info');
    expect(logLines(theme, entry(1), 60, { selected: true })[0]).toMatch(/^> /);
    expect(logLines(theme, entry(1, { text: '' }), 60)).toHaveLength(1);
  });

  it('leaves nothing of a long sentence out', () => {
    const text = 'team-a reached its 5h limit, back at 14:19; 2 conversations moved to work';
    for (let columns = 30; columns < 120; columns += 1) {
      const lines = logLines(theme, entry(1, { text }), columns, { selected: true });
      expect(lines).toHaveLength(logHeight(theme, entry(1, { text }), columns));
      expect(lines.map((line) => line.slice(13).trim()).join(' ')).toBe(text);
      expect(lines.filter((line) => line.startsWith('>'))).toHaveLength(1);
    }
  });

  it('lets nothing act on the terminal', () => {
    for (const hostile of logLines(theme, entry(1, { text: '\u001B[2J\u202E日本\n'.repeat(20) }), 60)) {
      expect(hostile).not.toMatch(/[\p{Cc}\p{Cf}]/u);
      expect(displayWidth(hostile)).toBeLessThanOrEqual(60);
    }
  });
});

describe('newestLogLine', () => {
  it('is the newest sentence with hours and minutes', () => {
    expect(newestLogLine(theme, log, 60).trimEnd()).toMatch(/^ \d\d:\d\d sentence 20$/);
    expect(newestLogLine(theme, [], 60)).toBe('');
  });
});

describe('logPane', () => {
  it('has the newest sentences, newest last, under its title', () => {
    const [title, ...lines] = pane();
    expect(title).toMatch(/^─ 3 Log ─+ L hides ─$/);
    expect(lines.map((line) => line.trimEnd().slice(-11))).toEqual([
      'sentence 18',
      'sentence 19',
      'sentence 20',
    ]);
  });

  it('marks the selected line only when it has the keys', () => {
    expect(pane({ pane: 'log' }).at(-1)).toMatch(/^> .*sentence 20/);
    expect(pane().join('\n')).not.toContain('>');
  });

  it('says how many sentences came since', () => {
    const lines = pane({ pane: 'log', log: { selected: 5, top: 4 } });
    expect(lines[0]).toMatch(/─ 15 below( \(|$| ─)/);
    expect(lines[2]).toMatch(/^> .*sentence 5 *$/);
  });

  it('names the keys of its person', () => {
    const keys = keymapOf(['log.toggle ctrl+o', 'select.last ctrl+e']);
    const input = { state: { ...busyState, log }, size: wide, notice: null, theme, now, keys };
    const titleOf = (view: View) => logPane({ ...input, view }, layoutFor(wide, 4, view.pane, view))[0];
    expect(titleOf(firstView)).toContain(' Ctrl-O hides ');
    expect(titleOf({ ...firstView, log: { selected: 5, top: 4 } })).toContain('─ 15 below (Ctrl-E) ');
  });

  it('shows the whole list when it is zoomed', () => {
    const lines = pane({ pane: 'log', zoomed: true });
    expect(lines).toHaveLength(28);
    expect(lines[1]).toContain('sentence 1 ');
  });

  it('has the beginning of the sentence before where its end has no room', () => {
    const long = entry(1, { text: 'word '.repeat(40) });
    const lines = pane({}, { ...emptyState, log: [long, entry(2), entry(3)] }).slice(1);
    expect(lines[0]).toMatch(/^ {2}\d\d:\d\d:\d\d {3}word .*…$/);
    expect(lines.slice(1).join('')).toMatch(/sentence 2.*sentence 3/);
  });

  it('has a notice in place of the newest sentence', () => {
    const lines = pane({}, undefined, 'draining 3');
    expect(lines).toHaveLength(4);
    expect(lines.at(-1)?.trimEnd()).toBe(' draining 3');
    expect(lines.at(-2)).toContain('sentence 20');
    const small = pane({}, undefined, 'draining 3', { columns: 60, rows: 20 });
    expect(small.map((line) => line.trimEnd())).toEqual([' draining 3']);
  });

  it('is empty lines while there is nothing to tell', () => {
    expect(pane({}, emptyState).slice(1)).toEqual(['', '', '']);
  });
});
