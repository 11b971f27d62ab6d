import { describe, expect, it } from 'vitest';
import { bannerChangesIn, bannerLines, bannerText } from '../../../source/ui/panes/banner.ts';
import { createKeymap, standardKeys } from '../../../source/ui/keymap.ts';
import { createTheme } from '../../../source/ui/theme.ts';
import type { State } from '../../../source/store/state.ts';
import { hostileText } from '../../kit/hostile-text.ts';
import { accountOf, busyState, emptyState, later, now } from '../sample.ts';

const minute = 60_000;
const listening = (msAgo: number): State['told'] => ({ ...busyState.told, listeningAt: later(-msAgo) });
const stateOf = (...accounts: State['accounts']): State => ({
  ...busyState,
  accounts,
  told: listening(minute),
});
const paused = accountOf('spare', { state: 'paused' });
const limited = (name: string, ms: number) =>
  accountOf(name, { state: 'limited', reason: 'reached its 5h limit', availableAt: later(ms) });
const said = (state: State, columns = 100, lost: string | null = null): string | null =>
  bannerText(state, { lost, now, columns });

describe('bannerText', () => {
  it('is there as long as no account can serve, and says who is back first and when', () => {
    const state = stateOf(limited('team-a', 90 * minute), limited('work', 12 * minute), paused);
    expect(said(state)).toBe(
      'no account can serve: work is back in 12m; 2 limited, 1 paused; p on one resumes it',
    );
    expect(said(state, 30)).toBe('none serves: back in 12m');
    expect(said(stateOf(...state.accounts, accountOf('home')))).toBeNull();
    expect(said(stateOf(...state.accounts, accountOf('home', { state: 'serving' })))).toBeNull();
  });

  it('says what only a person can change', () => {
    const allPaused = stateOf(paused, { ...paused, name: 'other' });
    expect(said(allPaused)).toBe('no account can serve: all are paused; p on one resumes it');
    const login = accountOf('work', { kind: 'login', state: 'needs-login' });
    expect(said(stateOf(login))).toBe('no account can serve: all need a login; R on one signs in again');
    expect(said(stateOf(login, paused), 30)).toBe('none serves: R signs in');
    const spent = stateOf(accountOf('work', { state: 'limited' }));
    expect(said(spent)).toBe('no account can serve: all are limited; a adds an account');
  });

  it('names the key as the person has it, and none where it does nothing', () => {
    const state = stateOf(paused);
    const keyed = (keys: string[]): string | null =>
      bannerText(state, {
        lost: null,
        now,
        columns: 100,
        keys: createKeymap(
          standardKeys.actions.map((each) => ({
            ...each,
            screen: { ...each.screen, keys: each.name === 'account.toggle' ? keys : [] },
          })),
        ),
      });
    expect(keyed(['ctrl+p'])).toBe('no account can serve: all are paused; Ctrl-P on one resumes it');
    expect(keyed([])).toBe('no account can serve: all are paused');
    const place = { lost: null, now, columns: 100, readOnly: true };
    expect(bannerText(state, place)).toBe('no account can serve: all are paused');
    expect(bannerText(state, { ...place, columns: 30 })).toBe('none serves: all are paused');
  });

  it('does not come and go with what is over in a moment', () => {
    expect(said(stateOf(accountOf('work', { state: 'refreshing' }), paused))).toBeNull();
    expect(said(stateOf(accountOf('work', { state: 'pacing', availableAt: later(2000) })))).toBeNull();
    const soon = stateOf(limited('work', 4000));
    expect(said(soon)).toBeNull();
    // It has been said, and stays until somebody serves.
    expect(said({ ...soon, told: { ...soon.told, nobody: true } })).toContain('work is back in 4s');
    const fresh = { ...stateOf(paused), told: listening(400) };
    expect(said(fresh)).toBeNull();
    expect(bannerChangesIn(fresh, now)).toBe(600);
    expect(bannerChangesIn(stateOf(paused), now)).toBe(Infinity);
    expect(said({ ...stateOf(paused), url: null })).toBeNull();
    expect(said(emptyState)).toBeNull();
  });

  it('puts a dead proxy before that, and a lost connection before all', () => {
    const dead = { ...stateOf(paused), proxyDied: 'out of memory' };
    expect(said(dead)).toBe("the proxy's thread died and cut its requests, starting it again: out of memory");
    expect(said(dead, 30)).toBe('proxy died, starting again');
    expect(said(dead, 100, 'gone')).toBe('connection lost, trying again (q leaves): gone');
    expect(said(dead, 30, 'gone')).toBe('lost, trying again: gone');
  });

  it.each(hostileText)('shows no raw byte of %s', (_, text) => {
    const hostile = stateOf({ ...limited('x', minute), name: text }, paused);
    for (const shown of [said(hostile), said({ ...hostile, proxyDied: text }), said(hostile, 100, text)]) {
      // oxlint-disable-next-line no-control-regex -- these are what must not be there
      expect(shown).not.toMatch(/[\u0000-\u001F\u007F-\u009F\u202E\u2066]/);
    }
  });
});

describe('bannerLines', () => {
  const mono = createTheme({ ascii: false, color: false });

  it('have a glyph besides their colour', () => {
    expect(bannerLines(mono, 'none serves', { columns: 50, rows: 20 })).toEqual([' ✗ none serves']);
    const painted = bannerLines(createTheme({ ascii: true, color: true }), 'none', { columns: 30, rows: 6 });
    expect(painted).toEqual(['\u001B[31mx none\u001B[39m']);
    expect(bannerLines(mono, null, { columns: 50, rows: 20 })).toEqual([]);
  });

  it('are two where one has no room for all, and one on a tiny screen', () => {
    const why = 'ssh to me@there failed: connect to host there.example port 22: Connection refused';
    const text = `connection lost, trying again (q leaves): ${why}`;
    expect(bannerLines(mono, text, { columns: 100, rows: 30 })).toEqual([
      ' ✗ connection lost, trying again (q leaves): ssh to me@there failed: connect to host there.example',
      '   port 22: Connection refused',
    ]);
    expect(bannerLines(mono, text, { columns: 60, rows: 20 })).toEqual([
      ' ✗ connection lost, trying again (q leaves): ssh to me@there',
      '   failed: connect to host there.example port 22: Connectio…',
    ]);
    const tiny = bannerLines(mono, 'lost, trying again: Connection refused', { columns: 30, rows: 6 });
    expect(tiny).toEqual(['✗ lost, trying again: Connect…']);
  });
});
