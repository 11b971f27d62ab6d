import { expect, test } from 'vitest';
import { lineBreakOf } from '../../source/config/line-break.ts';

test('the first line break decides, and LF where there is none', () => {
  expect(['', 'a', 'a\nb\r\n', 'a\r\nb\n', 'a\rb'].map(lineBreakOf)).toEqual([
    '\n',
    '\n',
    '\n',
    '\r\n',
    '\n',
  ]);
});
