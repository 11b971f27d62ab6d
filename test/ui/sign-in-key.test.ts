import { describe, expect, it } from 'vitest';
import { CcrError } from '../../source/shared/errors.ts';
import { openModel, plain } from './open-model.ts';
import type { State } from '../../source/store/state.ts';
import { accountOf, busyState, emptyState, sampleSession } from './sample.ts';

const login = accountOf('home', { kind: 'login', state: 'needs-login' });
const state: State = {
  ...busyState,
  accounts: [login, accountOf('work'), accountOf('relay', { kind: 'compatible' })],
};
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const screen = (
  answer: () => Promise<number | null> = () => Promise.resolve(0),
  host?: string,
  at = state,
) => {
  const asked: string[] = [];
  const session = { ...sampleSession(at), ...(host === undefined ? {} : { host }) };
  const { model } = openModel(at, undefined, undefined, {
    session,
    signIn: (account) => {
      asked.push(account);
      return answer();
    },
  });
  const press = async (keys: string): Promise<string> => {
    model.press(keys, plain);
    await settled();
    return model.frame().log.at(-1)?.trim() ?? '';
  };
  const text = (): string => (model.frame().dialog ?? []).join('\n');
  return { asked, press, text };
};

describe('R on an account', () => {
  it.each([
    [0, 'home: signed in again'],
    [130, 'home: the sign-in was given up'],
    [1, 'home: nobody has signed in'],
  ])('signs in to a login, and tells what exit code %i means', async (code, words) => {
    const { asked, press } = screen(() => Promise.resolve(code));
    expect(await press('R')).toBe(words);
    expect(asked).toEqual(['home']);
  });

  it('tells why the sign-in did not start, and nothing where another one goes on', async () => {
    const failing = screen(() => Promise.reject(new CcrError('failed', 'cannot run node: not found')));
    expect(await failing.press('R')).toBe('cannot run node: not found');
    const taken = screen(() => Promise.resolve(null));
    expect(await taken.press('R')).not.toContain('home:');
  });

  it('signs in to nothing in a demo, whose logins are simulated', async () => {
    const { asked, press } = screen(undefined, undefined, { ...state, demo: true });
    expect(await press('R')).toBe('this is a demo: nobody can sign in to it; leave it and start ccr-tui');
    expect(asked).toEqual([]);
  });

  it('says of other kinds that nobody signs in to them', async () => {
    const { asked, press } = screen();
    expect(await press('jR')).toBe('work is an account of kind api-key: nobody signs in to that');
    expect(await press('jR')).toBe('relay is an account of kind compatible: nobody signs in to that');
    expect(asked).toEqual([]);
  });

  it('makes no login on this machine for an instance on another one', async () => {
    const { asked, press } = screen(undefined, 'box\u001B[2J');
    expect(await press('R')).toBe('sign in on box\\x1b[2J itself: ccr-tui account login home');
    expect(asked).toEqual([]);
  });

  it('asks for a name where there is no account, and tells what came of the sign-in', async () => {
    const { asked, press, text } = screen(undefined, undefined, emptyState);
    await press('R');
    expect(text()).toMatch(/Sign in to a Claude login[^]*name work/);
    await press('\u0015--json');
    await press('\r');
    expect(text()).toContain('beginning with a letter or digit');
    expect(asked).toEqual([]);
    await press('\u0015mine');
    expect(await press('\r')).toBe('mine: signed in');
    expect(asked).toEqual(['mine']);
    const far = screen(undefined, 'box', emptyState);
    expect(await far.press('R')).toBe('sign in on box itself: ccr-tui account login NAME');
  });

  it('does nothing in another pane', async () => {
    const other = screen();
    await other.press('2R');
    expect(other.asked).toEqual([]);
  });
});
