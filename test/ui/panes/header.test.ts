import { describe, expect, it } from 'vitest';
import { headerLine } from '../../../source/ui/panes/header.ts';
import { createTheme } from '../../../source/ui/theme.ts';
import { accountOf, busyState, emptyState, now } from '../sample.ts';

const theme = createTheme({ ascii: false, color: false });
const show = (kind: 'wide' | 'narrow' | 'tiny', columns: number, state = busyState): string =>
  headerLine(theme, state, { kind, columns, now }).replace(/\d\d:\d\d$/, 'hh:mm');

describe('headerLine', () => {
  it('says where it listens, who is ready and what flows', () => {
    const parts = '127.0.0.1:4180  4 accounts, 2 ready  2 in flight  8 req/min  3 errors';
    expect(show('wide', 100)).toBe(` ccr-tui  ${parts}${' '.repeat(15)}hh:mm`);
  });

  it('leaves out the least important when it gets narrow', () => {
    expect(show('narrow', 60)).toBe(' ccr-tui  :4180  2/4 ready  2 open  8/min  3 err      hh:mm');
    expect(show('narrow', 46)).toBe(' :4180  2/4 ready  2 open  8/min  3 err hh:mm');
    expect(show('tiny', 30).trimEnd()).toBe(':4180 2/4 ready 8/min 3 err');
  });

  it('is honest before it listens and about events that were lost', () => {
    expect(show('wide', 100, { ...emptyState, url: null })).toContain('starting');
    expect(show('wide', 120, { ...busyState, dropped: 12 })).toContain('12 events lost');
    expect(show('wide', 100, { ...emptyState, accounts: [accountOf('a')] })).toContain('1 account, 1 ready');
  });
});
