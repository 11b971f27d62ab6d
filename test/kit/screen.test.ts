import { expect, test } from 'vitest';
import { createScreen } from './screen.ts';

test('shows the last rows, also after lines went up and after a resize', async () => {
  const screen = createScreen(10, 3);
  await screen.write('1\r\n2\r\n3\r\n4\r\n5');
  expect([screen.lines(), screen.scrollback()]).toEqual([['3', '4', '5'], 2]);
  screen.resize(10, 2);
  await screen.write('!');
  expect(screen.lines()).toEqual(['4', '5!']);
});

test('shows nothing beyond the edge of a terminal that has become narrower', async () => {
  const screen = createScreen(30, 2);
  await screen.write('\x1b[?1049h\x1b[Ha long line over thirty columns\x1b[Hshort\x1b[K');
  await screen.write('\x1b[1;20Hbeyond');
  screen.resize(10, 2);
  await screen.write('\x1b[Hnow\x1b[K');
  expect(screen.lines()[0]).toBe('now');
});

test('knows which screen is shown, the modes that are on, and where the cursor is', async () => {
  const screen = createScreen(10, 3);
  await screen.write('x\x1b[?1049h\x1b[?2004h\x1b[?1002h\x1b[?1004h\x1b[2;4H');
  expect([screen.alternate(), screen.modes(), screen.cursor()]).toEqual([
    true,
    { bracketedPaste: true, mouse: true, focusReports: true, applicationCursor: false },
    { column: 3, row: 1 },
  ]);
  await screen.write('\x1b[?1049l\x1b[?2004l\x1b[?1002l\x1b[?1004l');
  expect([screen.alternate(), screen.modes().mouse, screen.lines()[0]]).toEqual([false, false, 'x']);
});

test('tells of changes between frames, not of a frame that is being drawn', async () => {
  const screen = createScreen(10, 2);
  const seen: string[] = [];
  screen.onChange(() => void seen.push(screen.lines()[0] ?? ''));
  await screen.write('before');
  await screen.write('\x1b[?2026h\x1b[H\x1b[J');
  expect([screen.drawing(), screen.lines()]).toEqual([true, ['before', '']]);
  await screen.write('after\x1b[?2026l');
  expect([screen.drawing(), seen]).toEqual([false, ['before', 'after']]);
});

test('tells the style of a cell', async () => {
  const screen = createScreen(10, 1);
  await screen.write('\x1b[1;7;32;44ma\x1b[0;2mb\x1b[0mc');
  expect(screen.cell(0, 0)).toEqual({
    text: 'a',
    foreground: 2,
    background: 4,
    bold: true,
    inverse: true,
    dim: false,
  });
  expect(screen.cell(1, 0)).toMatchObject({ dim: true, foreground: -1 });
  expect(screen.cell(2, 0)).toMatchObject({ text: 'c', bold: false, background: -1 });
  expect(screen.cell(0, 9)).toBeNull();
});

test.each(['größe', '503 — refused'])(
  'a character of %s that is cut between writes is drawn whole',
  async (text) => {
    const screen = createScreen(20, 1);
    for (const byte of Buffer.from(text)) await screen.write(Uint8Array.of(byte));
    expect(screen.lines()).toEqual([text]);
  },
);
