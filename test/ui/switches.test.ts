import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { State } from '../../source/store/state.ts';
import { createDialogs } from '../../source/ui/overlays/dialogs.ts';
import { keyOf } from './key.ts';
import { openModel, plain } from './open-model.ts';
import { busyState, emptyState, now } from './sample.ts';

beforeEach(() => {
  vi.useFakeTimers({ now });
});
afterEach(() => {
  vi.useRealTimers();
});

/** A session in which both work, and everything that was asked of it. */
const working = (state: State = { ...busyState, strategy: 'sticky' }) => {
  const asked: unknown[] = [];
  const screen = openModel(
    state,
    async (name, args) => {
      asked.push([name, args]);
      const { session } = screen;
      const told = session.state();
      if (name === 'config.set' && 'value' in args) session.set({ ...told, strategy: String(args.value) });
      if (name === 'account.prefer' && 'account' in args) {
        const accounts = told.accounts.map(({ preferred: _old, ...each }) =>
          each.id === args.account ? { ...each, preferred: true } : each,
        );
        session.set({ ...told, accounts });
      }
      return undefined as never;
    },
    undefined,
    { dialogs: createDialogs(null) },
  );
  const bottom = (): string => screen.model.frame().log.at(-1)?.trim() ?? '';
  const press = async (keys: string): Promise<void> => {
    screen.model.press(keys, plain);
    await vi.advanceTimersByTimeAsync(0);
  };
  return { ...screen, bottom, press, asked };
};

const prefers = (account: string | null): unknown => ['account.prefer', { account }];
const sets = (value: string): unknown => ['config.set', { key: 'strategy', value }];

describe('s', () => {
  it('prefers the selected account, and again nobody', async () => {
    const { press, bottom, asked, model } = working();
    await press('s');
    expect(bottom()).toBe('new work goes to work first · u undoes');
    expect(model.frame().accounts.join('\n')).toMatch(/^>★● work /m);
    await press('s');
    expect(bottom()).toBe('no account is preferred · u undoes');
    expect(asked).toEqual([prefers('id-work'), prefers(null)]);
    expect(model.frame().accounts.join('\n')).not.toContain('★');
  });

  it('is taken back to what was before, also when it was pressed fast', async () => {
    const { press, bottom, asked } = working();
    await press('sjs');
    expect(asked).toEqual([prefers('id-work'), prefers('id-home')]);
    await press('u');
    expect(bottom()).toBe('undone: new work goes to work first');
    await press('u');
    expect(bottom()).toBe('undone: no account is preferred');
    expect(asked.slice(2)).toEqual([prefers('id-work'), prefers(null)]);
  });
});

describe.each([
  ['s', 's'],
  ['p', 'p'],
  ['Enter', '\r'],
])('%s without an account', (_, key) => {
  it('says that there is none', async () => {
    const { press, bottom, asked } = working(emptyState);
    await press(key);
    expect([asked, bottom()]).toEqual([[], 'there is no account yet; a adds one']);
  });
});

describe('S', () => {
  it('opens the strategies; Enter takes another one, which the header shows, and u takes it back', async () => {
    const { press, bottom, asked, model } = working();
    expect(model.frame().header).toContain(' sticky ');
    await press('S');
    expect(model.frame().dialog?.join('\n')).toMatch(/Strategy[^]*>● sticky [^]*round-robin/);
    await press('jj');
    model.press('', keyOf({ return: true }));
    await vi.advanceTimersByTimeAsync(0);
    expect(asked).toEqual([sets('drain')]);
    expect([model.frame().dialog, bottom()]).toEqual([null, 'strategy drain · u undoes']);
    expect(model.frame().header).toContain(' drain ');
    await press('u');
    expect([asked.at(-1), bottom()]).toEqual([sets('sticky'), 'undone: strategy sticky']);
  });
});

describe('a strategy that this version does not know', () => {
  it('is marked by no name in the menu, and u goes back to it', async () => {
    const { press, bottom, asked, model } = working({ ...busyState, strategy: 'of-a-later-version' });
    await press('S');
    expect(model.frame().dialog?.join('\n')).not.toContain('●');
    model.press('', keyOf({ return: true }));
    await vi.advanceTimersByTimeAsync(0);
    expect([asked, bottom()]).toEqual([[sets('sticky')], 'strategy sticky · u undoes']);
    await press('u');
    expect([asked.at(-1), bottom()]).toEqual([
      sets('of-a-later-version'),
      'undone: strategy of-a-later-version',
    ]);
  });

  it('and one that was not told is nothing to go back to', async () => {
    const { press, bottom, asked, model } = working(busyState);
    await press('S');
    expect(model.frame().dialog?.join('\n')).not.toContain('●');
    await press('j');
    model.press('', keyOf({ return: true }));
    await vi.advanceTimersByTimeAsync(0);
    expect([asked, bottom()]).toEqual([[sets('sticky-simple')], 'strategy sticky-simple']);
    await press('u');
    expect([asked.length, bottom()]).toEqual([1, 'nothing to undo']);
  });
});
