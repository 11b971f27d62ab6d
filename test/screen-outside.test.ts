import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { screenOutside } from '../source/screen-outside.ts';
import { temporaryFolders } from './kit/temporary-folders.ts';

const temporaryFolder = temporaryFolders('outside');

test('a screen writes its files into the home', async () => {
  const home = temporaryFolder();
  const path = await screenOutside({ CCR_TUI_HOME: home }).saveFile?.('a.txt', 'text');
  expect(path).toBe(join(home, 'exports', 'a.txt'));
  expect(readFileSync(path ?? '', 'utf8')).toBe('text');
});

test('terminals that are known to have no clipboard are told from the others', () => {
  expect(screenOutside({ TERM: 'linux' }).withoutClipboard).toBe(true);
  expect(screenOutside({ TERM: 'xterm-256color', TERM_PROGRAM: 'Apple_Terminal' }).withoutClipboard).toBe(
    true,
  );
  expect(screenOutside({ TERM: 'xterm-256color' }).withoutClipboard).toBeUndefined();
});

test('only a screen on its own home imports and connects', () => {
  expect(Object.keys(screenOutside({}))).not.toContain('imports');
  expect(Object.keys(screenOutside({}, 'screen'))).toEqual(
    expect.arrayContaining(['imports', 'connectsClient']),
  );
});
