import { describe, expect, it } from 'vitest';
import { terminalTraits } from '../../source/ui/terminal-traits.ts';

const utf8 = { TERM: 'xterm-256color', LANG: 'de_DE.UTF-8' };

describe('terminalTraits', () => {
  it('draws everything on a terminal that can', () => {
    expect(terminalTraits(utf8)).toEqual({ ascii: false, color: true, plain: false, spoken: false });
  });

  it.each([
    ['--no-color', utf8, { noColor: true }],
    ['NO_COLOR', { ...utf8, NO_COLOR: '1' }, {}],
    ['TERM=dumb', { ...utf8, TERM: 'dumb' }, {}],
  ])('uses no colour with %s', (_, env, flags) => {
    expect(terminalTraits(env, flags).color).toBe(false);
  });

  it('takes an empty NO_COLOR as not set', () => {
    expect(terminalTraits({ ...utf8, NO_COLOR: '' }).color).toBe(true);
  });

  it.each([
    ['--ascii', utf8, { ascii: true }],
    ['TERM=linux', { ...utf8, TERM: 'linux' }, {}],
    ['another character set', { ...utf8, LANG: 'de_DE.ISO-8859-1' }, {}],
    ['LC_ALL over LANG', { ...utf8, LC_ALL: 'C' }, {}],
    ['no locale at all', { TERM: 'xterm' }, {}],
  ])('draws in ASCII with %s', (_, env, flags) => {
    expect(terminalTraits(env, flags, 'linux').ascii).toBe(true);
  });

  it('knows the terminals without locale variables', () => {
    expect(terminalTraits({ TERM: 'xterm' }, {}, 'darwin').ascii).toBe(false);
    expect(terminalTraits({ WT_SESSION: '1' }, {}, 'win32').ascii).toBe(false);
    expect(terminalTraits({}, {}, 'win32').ascii).toBe(true);
  });

  it('writes plain lines where a screen is of no use', () => {
    expect(terminalTraits({ ...utf8, TERM: 'dumb' }).plain).toBe(true);
    expect(terminalTraits({ ...utf8, INK_SCREEN_READER: 'true' }).plain).toBe(true);
    expect(terminalTraits(utf8, { plain: true }).plain).toBe(true);
  });

  it('knows that lines are read aloud, unless lines were asked for', () => {
    const reader = { ...utf8, INK_SCREEN_READER: 'true' };
    expect(terminalTraits(reader).spoken).toBe(true);
    expect(terminalTraits(reader, { plain: true }).spoken).toBe(false);
    expect(terminalTraits(utf8).spoken).toBe(false);
  });
});
