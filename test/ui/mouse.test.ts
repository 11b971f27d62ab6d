import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { mouseDeed } from '../../source/ui/mouse.ts';
import { createTheme } from '../../source/ui/theme.ts';
import { openModel, plain } from './open-model.ts';
import { busyState } from './sample.ts';

const opened = (ascii = false) => {
  const { model } = openModel(busyState, undefined, undefined, {
    theme: createTheme({ ascii, color: false }),
  });
  const lines = (): string[] => {
    const { banner, header, accounts, requests, log, dialog, footer } = model.frame();
    return [header, ...banner, ...(dialog ?? []), ...accounts, ...requests, ...log, footer].map((line) =>
      stripVTControlCharacters(line),
    );
  };
  const rowOf = (text: string | RegExp): number => lines().findIndex((line) => line.search(text) !== -1);
  const marked = (): string => lines().find((line) => line.startsWith('>') && !/^> \d /.test(line)) ?? '';
  return {
    model,
    lines,
    rowOf,
    marked,
    press: (row: number) => model.hear({ kind: 'mouse', deed: { kind: 'press', row } }),
  };
};

describe('mouseDeed', () => {
  it('knows presses and the wheel, and drops the rest', () => {
    expect(mouseDeed('\u001B[<0;10;5M')).toEqual({ kind: 'press', row: 4 });
    expect(mouseDeed('\u001B[<64;1;30M')).toEqual({ kind: 'up', row: 29 });
    expect(mouseDeed('\u001B[<65;1;1M')).toEqual({ kind: 'down', row: 0 });
    for (const other of ['0;10;5m', '2;10;5M', '35;10;5M', '128;1;1M']) {
      expect(mouseDeed(`\u001B[<${other}`)).toBeNull();
    }
    expect(mouseDeed('j')).toBeNull();
  });
});

describe.each([false, true])('the mouse (ascii: %s)', (ascii) => {
  it('selects what is pressed, in the pane that it is in, and opens what was selected', () => {
    const { model, rowOf, marked, press, lines } = opened(ascii);
    press(rowOf('spare'));
    expect(marked()).toContain('spare');
    press(rowOf('home'));
    expect(marked()).toContain('home');
    press(rowOf('503 refused'));
    expect(lines().some((line) => /^[▸>] 2 Requests/.test(line))).toBe(true);
    expect(marked()).toContain('503 refused');
    press(rowOf(/^>.*503 refused/));
    expect(model.frame().dialog).not.toBeNull();
    model.close();
  });

  it('moves in the pane under it with the wheel', () => {
    const { model, rowOf, marked } = opened(ascii);
    model.hear({ kind: 'mouse', deed: { kind: 'down', row: rowOf('home') } });
    expect(marked()).toContain('spare');
    model.hear({ kind: 'mouse', deed: { kind: 'up', row: rowOf('home') } });
    expect(marked()).toContain('work');
    model.hear({ kind: 'mouse', deed: { kind: 'up', row: rowOf('2 Requests') } });
    expect(model.frame().requests[0]).toMatch(/^[▸>] 2 Requests/);
    model.close();
  });

  it('does nothing where nothing is, and under a prompt', () => {
    const { model, lines, press } = opened(ascii);
    const before = lines();
    for (const row of [-1, 0, 29, 99]) press(row);
    model.hear({ kind: 'mouse', deed: null });
    expect(lines()).toEqual(before);
    model.press('2/', plain);
    const asked = lines();
    press(4);
    expect(lines()).toEqual(asked);
    model.close();
  });
});
