import { assert, nat, property, string } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { displayWidth } from '../../source/shared/display-width.ts';
import { sanitize } from '../../source/shared/sanitize.ts';
import { cutPainted, fit, padLines, wrap } from '../../source/ui/fit.ts';

describe('fit', () => {
  it.each([
    ['work', 6, 'left', 'work  '],
    ['68%', 5, 'right', '  68%'],
    ['a-long-name', 6, 'left', 'a-lon…'],
    ['日本語', 6, 'left', '日本語'],
    ['日本語', 5, 'left', '日本…'],
    ['日本語', 4, 'left', '日… '],
    ['x', 0, 'left', ''],
  ] as const)('makes %j %i columns wide (%s)', (text, width, align, expected) => {
    expect(fit(text, width, align)).toBe(expected);
  });

  it('always takes exactly the width, whatever the text', () => {
    assert(
      property(string({ unit: 'grapheme' }), nat(40), (text, width) => {
        expect(displayWidth(fit(sanitize(text), width))).toBe(width);
      }),
    );
  });
});

describe('wrap', () => {
  it('breaks at spaces and cuts only words that are too long', () => {
    expect(wrap('point a client at abcdefghijklm now', 10)).toEqual([
      'point a',
      'client at',
      'abcdefghi…',
      'now',
    ]);
    expect(wrap('', 10)).toEqual([]);
  });
});

describe('padLines', () => {
  it('gives exactly so many lines', () => {
    expect(padLines(['a'], 3)).toEqual(['a', '', '']);
    expect(padLines(['a', 'b'], 1)).toEqual(['a']);
  });
});

describe('cutPainted', () => {
  const red = (text: string): string => `\u001B[31m${text}\u001B[39m`;

  it('counts no colour, and leaves a line that fits as it is', () => {
    expect(cutPainted(red('work'), 4)).toBe(red('work'));
  });

  it('keeps the end of every colour behind the cut, and no text', () => {
    expect(cutPainted(`a${red('bcd')}e${red('f')}`, 2)).toBe(`a${red('b')}${red('')}`);
    expect(cutPainted(`${red('日本')}e`, 3)).toBe(red('日'));
  });
});
