import { expect, it } from 'vitest';
import { sentencesOf } from '../../source/config/checks.ts';
import { keyLines } from '../../source/config/key-checks.ts';

const problems = (value: unknown): string[] => {
  const checked = keyLines.parse(value);
  return checked.ok ? [] : sentencesOf('screen.keys', checked);
};

it('takes lines of an action and its keys, from JSON and from text', () => {
  expect(keyLines.parse(['undo U', 'help'])).toEqual({ ok: true, value: ['undo U', 'help'] });
  expect(keyLines.fromText('undo U, help ctrl+h')).toEqual(['undo U', 'help ctrl+h']);
  expect(keyLines.fromText('')).toEqual([]);
});

it('names every problem with the entry it is in', () => {
  expect(problems(['undo q', 'help q'])).toEqual([
    'screen.keys[1]: q would be help and undo; give undo another key, too',
    'screen.keys[0]: q would be undo and quit; give quit another key, too',
    'screen.keys[1]: q would be help and quit; give quit another key, too',
  ]);
  expect(problems('undo q')).toEqual(['screen.keys: "undo q" is not a list; use a list of texts']);
  for (const value of [[5], [{ toString: 1 }], [null], ['x'.repeat(201)]]) {
    expect(problems(value)).toEqual(['screen.keys: holds what is no short text; use ACTION KEY…']);
  }
  expect(problems(Array.from({ length: 101 }, () => 'undo u'))[0]).toContain('at most 100');
  expect(problems(['a\u001B[2J b']).join('')).not.toMatch(/\p{Cc}/u);
});
