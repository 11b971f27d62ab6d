import { describe, expect, it, vi } from 'vitest';
import { CcrError } from '../../../source/shared/errors.ts';
import type { State } from '../../../source/store/state.ts';
import { openModel, plain } from '../open-model.ts';
import { busyState, emptyState, sampleSession } from '../sample.ts';

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const screen = (state: State, demo: () => Promise<number | null> = () => Promise.resolve(0)) => {
  let shown = 0;
  const { model } = openModel(state, undefined, undefined, {
    demo: () => {
      shown += 1;
      return demo();
    },
  });
  const press = async (keys: string): Promise<string> => {
    model.press(keys, plain);
    await settled();
    return model.frame().log.at(-1)?.trim() ?? '';
  };
  return { press, shown: () => shown };
};

describe('d', () => {
  it('shows the demo while there is no account, and tells why it did not begin', async () => {
    const { press, shown } = screen(emptyState);
    await press('d');
    expect(shown()).toBe(1);
    const failing = screen(emptyState, () => Promise.reject(new CcrError('failed', 'cannot run node')));
    expect(await failing.press('d')).toBe('cannot run node');
  });

  it('leaves neither accounts that work nor a demo for another one', async () => {
    const { press, shown } = screen(busyState);
    expect(await press('d')).toContain('ccr-tui --demo in another shell');
    const demo = screen({ ...emptyState, demo: true });
    expect(await demo.press('d')).toBe('this is the demo');
    expect(shown() + demo.shown()).toBe(0);
  });
});

describe('what touches this machine', () => {
  const lastLine = async (key: string, state: State, host?: string): Promise<string> => {
    const session = { ...sampleSession(state), ...(host === undefined ? {} : { host }) };
    const { model } = openModel(state, undefined, undefined, { session });
    model.press(key, plain);
    await settled();
    return model.frame().log.at(-1)?.trim() ?? '';
  };

  it.each([
    ['I', 'ccr-tui import claude-code'],
    ['W', 'ccr-tui connect claude-code'],
  ])('%s says where it is done instead, of another machine and of a demo', async (key, words) => {
    expect(await lastLine(key, busyState, 'box\u001B[2J')).toContain(`in box\\x1b[2J itself: ${words}`);
    expect(await lastLine(key, busyState)).toContain(`in another shell: ${words}`);
    expect(await lastLine(key, { ...busyState, demo: true })).toMatch(
      /^(?:\S+ +)?not in the demo: leave it with q and start ccr-tui$/,
    );
  });

  it('W warns of an address that serves nobody yet, and of none that has an account', async () => {
    const change = {
      path: '/x',
      url: 'http://127.0.0.1:1',
      changed: true,
      created: true,
      notes: [],
      diff: '+a',
    };
    const opened = async (state: State): Promise<string> => {
      const connectsClient = {
        look: async () => change,
        carryOut: () => Promise.reject(new Error('no yes')),
      };
      const { model } = openModel(state, undefined, undefined, { outside: { connectsClient } });
      model.press('W', plain);
      await vi.waitFor(() => expect((model.frame().dialog ?? []).join('\n')).toContain('A new file'));
      return [...(model.frame().dialog ?? []), model.frame().footer].join('\n');
    };
    expect(await opened(emptyState)).toMatch(
      /No account yet: Claude Code will be refused until one is added \(Esc, then a\)\.[^]*A new file[^]*y write it all the same/,
    );
    const served = await opened(busyState);
    expect(served).not.toContain('refused');
    expect(served).toMatch(/y write it(?! all)/);
  });

  it('I asks from where, then shows what would happen', async () => {
    const sources = [
      { from: 'claude-code', title: 'Claude Code' },
      { from: 'ccflare', title: 'ccflare' },
    ];
    const plan = { path: '/x', rows: [], left: [], notes: [], consent: null };
    const asked: string[] = [];
    const { model } = openModel(emptyState, undefined, undefined, {
      outside: {
        imports: {
          sources: async () => sources,
          plan: async (from) => {
            asked.push(from);
            return plan;
          },
          carryOut: () => Promise.reject(new Error('nobody said yes')),
        },
      },
    });
    const text = (): string => (model.frame().dialog ?? []).join('\n');
    model.press('I', plain);
    await vi.waitFor(() => expect(text()).toMatch(/Import accounts[^]*Claude Code[^]*ccflare/));
    model.press('j\r', plain);
    await vi.waitFor(() => expect(text()).toContain('Nothing to take over.'));
    expect(asked).toEqual(['ccflare']);
  });
});
