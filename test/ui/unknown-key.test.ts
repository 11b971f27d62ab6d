import { expect, it } from 'vitest';
import { standardKeys } from '../../source/ui/keymap.ts';
import { unknownKeyText } from '../../source/ui/unknown-key.ts';

it('says that a key means nothing, or in which pane it does', () => {
  expect(unknownKeyText('%', 'accounts', standardKeys)).toBe('%: no such key here · ? help');
  expect(unknownKeyText('ctrl+a', 'log', standardKeys)).toBe('Ctrl-A: no such key here · ? help');
  expect(unknownKeyText('p', 'requests', standardKeys)).toBe('p: a key of the accounts · 1 goes there');
  expect(unknownKeyText('F', 'accounts', standardKeys)).toBe('F: a key of the requests · 2 goes there');
});
