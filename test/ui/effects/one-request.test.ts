import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { displayWidth } from '../../../source/shared/display-width.ts';
import type { RequestRow } from '../../../source/store/state.ts';
import { keyOf } from '../key.ts';
import { openModel, plain } from '../open-model.ts';
import { busyState, doneRow, now } from '../sample.ts';

const enter = keyOf({ return: true });
const escape = keyOf({ escape: true });
const rows = Array.from({ length: 60 }, (_, index) => doneRow(index + 1));

const open = (shown: readonly RequestRow[] = rows, columns = 130) => {
  const screen = openModel({ ...busyState, rows: shown, seen: shown.length });
  const { model, session } = screen;
  model.resize({ columns, rows: 40 });
  const lines = (): readonly string[] => model.frame().dialog ?? model.frame().requests;
  return {
    ...screen,
    /** The id of the request that is read; null while none is. */
    read: () => /^.*\bId +(r\d+)\s*$/m.exec((model.frame().dialog ?? []).join('\n'))?.[1] ?? null,
    lines,
    /** One more request has come, and ended. */
    more() {
      const state = session.state();
      const seq = state.seen + 1;
      session.set({ ...state, rows: [...state.rows, doneRow(seq)], seen: seq });
      vi.advanceTimersByTime(1000);
    },
    press: (text: string) => model.press(text, plain),
  };
};

describe('one request that is read', () => {
  beforeEach(() => {
    vi.useFakeTimers({ now });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('stands beside the list where there is room, and over it elsewhere', () => {
    const { model, lines, press } = open();
    press('2');
    model.press('', enter);
    expect(lines().find((line) => line.includes('1 Accounts'))).toMatch(/│.*Request/);
    model.resize({ columns: 119, rows: 40 });
    expect(lines().join('\n')).not.toContain('1 Accounts');
    expect(lines()[0]).toMatch(/^. Request /);
  });

  it('walks through the list with j and k, and the mark of the list goes along', () => {
    const { model, press, read, lines } = open();
    press('2');
    model.press('', enter);
    expect(read()).toBe('r60');
    press('kkk');
    expect(read()).toBe('r57');
    press('j');
    expect(read()).toBe('r58');
    expect(lines().filter((line) => line.startsWith('>'))).toHaveLength(1);
    press('jjjj');
    expect(read()).toBe('r60');
    press('j');
    expect(read()).toBe('r60');
  });

  it('stays at the request while others come, and follows the newest again when it is closed', () => {
    const { model, press, read, more, marked } = open();
    press('2');
    model.press('', enter);
    more();
    more();
    expect(read()).toBe('r60');
    press('j');
    expect(read()).toBe('r61');
    press('jj');
    expect(read()).toBe('r62');
    more();
    expect(read()).toBe('r62');
    model.press('', escape);
    expect(model.frame().requests[0]).toContain('FOLLOW');
    expect(marked()).not.toBe('');
  });

  it('leaves the list where the person went in it', () => {
    const { model, press, more } = open();
    press('2');
    model.press('', enter);
    press('k');
    model.press('', escape);
    more();
    expect(model.frame().requests[0]).not.toContain('FOLLOW');
    model.press('', enter);
    expect(model.frame().dialog?.join('\n')).toContain('r59');
  });

  it('reads what a frozen list still shows, also when it is evicted meanwhile', () => {
    const { model, press, read, session } = open();
    press('2 ');
    const state = session.state();
    session.set({ ...state, rows: [doneRow(61)], seen: 61 });
    model.press('', enter);
    expect(read()).toBe('r60');
    press('k');
    expect(read()).toBe('r59');
  });

  it('is copied from the detail, which is there again when the menu is closed', () => {
    const copied: string[] = [];
    const { model } = openModel(busyState, undefined, undefined, { copy: (text) => copied.push(text) });
    const shown = (): string => model.frame().dialog?.join('\n') ?? '';
    model.press('2kk', plain);
    model.press('', enter);
    const [id = ''] = / Id +(r\d+)/.exec(shown()) ?? [];
    model.press('y', plain);
    expect(shown()).toMatch(/ Copy .*\n(?:.*\n)*.* c curl/);
    model.press('', escape);
    expect(shown()).toContain(id);
    model.press('yi', plain);
    expect(shown()).toContain(id);
    expect(id).toContain(copied[0] ?? 'nothing');
    model.press('q', plain);
    expect(model.frame().dialog).toBeNull();
  });

  it('is exported with the others that the list shows', async () => {
    const saved = Promise.withResolvers<string>();
    const saveFile = async (name: string, content: string): Promise<string> => {
      saved.resolve(content);
      return name;
    };
    const { model } = openModel(busyState, undefined, undefined, { outside: { saveFile } });
    model.press('/status:529', plain);
    model.press('', enter);
    model.press('x', plain);
    expect(model.frame().dialog?.join('\n')).toContain('Export 1 shown request');
    model.press('n', plain);
    vi.useRealTimers();
    expect(await saved.promise).toMatch(/^\{"id":"r4".*\}\n$/);
  });

  it('fits at every size, with its menus', () => {
    const long = 'x'.repeat(300);
    const shown = doneRow(1, { path: `/${long}`, error: `${long} `.repeat(9), session: long, project: long });
    for (const keysOfMenu of ['', 'y', 'x']) {
      const { model, press } = open([shown]);
      press('2');
      model.press('', enter);
      press(keysOfMenu);
      for (let columns = 30; columns <= 200; columns += 7) {
        for (const rows of [6, 7, 11, 15, 24, 40, 60]) {
          model.resize({ columns, rows });
          const { dialog, header, footer } = model.frame();
          expect((dialog ?? []).length).toBe(rows - 2);
          for (const line of [...(dialog ?? []), header, footer]) {
            expect(displayWidth(line)).toBeLessThanOrEqual(columns);
          }
        }
      }
    }
  });

  it('opens for no request where there is none, and says so', () => {
    const { model, press } = open([]);
    press('2');
    model.press('', enter);
    expect([model.frame().dialog, model.frame().log.at(-1)?.trim()]).toEqual([null, 'no request is shown']);
    press('jy');
    expect([model.frame().dialog, model.frame().log.at(-1)?.trim()]).toEqual([null, 'no request is shown']);
  });
});
