import { describe, expect, it } from 'vitest';
import { nearestWord } from '../../source/commands/nearest-word.ts';

const words = ['status', 'stop', 'serve', 'history', 'account add', 'account list'];

describe('nearestWord', () => {
  it.each([
    ['stauts', 'status'],
    ['stat', 'status'],
    ['hist', 'history'],
    ['account ad', 'account add'],
    ['serv', 'serve'],
  ])('%s means %s', (word, meant) => {
    expect(nearestWord(word, words)).toBe(meant);
  });

  it.each(['ls', 'x', '', 'kubernetes', 'acc'])('%j is near nothing', (word) => {
    expect(nearestWord(word, words)).toBeNull();
  });
});
