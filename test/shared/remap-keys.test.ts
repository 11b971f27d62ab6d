import { describe, expect, it } from 'vitest';
import { keyedActions, remapKeys } from '../../source/shared/remap-keys.ts';

const keysOf = (lines: readonly string[], name: string): readonly string[] | undefined =>
  remapKeys(lines).actions.find((action) => action.name === name)?.screen.keys;
const wrongs = (...lines: string[]): string[] =>
  remapKeys(lines).problems.map(({ index, what }) => `${index}: ${what}`);

describe('remapKeys', () => {
  it('gives actions other keys, or none, and leaves all others alone', () => {
    const lines = ['select.next n ctrl+n', 'requests.next-error', 'undo  U'];
    expect(remapKeys(lines).problems).toEqual([]);
    expect(keysOf(lines, 'select.next')).toEqual(['n', 'ctrl+n']);
    expect(keysOf(lines, 'requests.next-error')).toEqual([]);
    expect(keysOf(lines, 'undo')).toEqual(['U']);
    expect(keysOf(lines, 'help')).toEqual(['?']);
    expect(remapKeys([]).actions).toEqual(keyedActions);
  });

  it('names everything that is wrong, and changes nothing then', () => {
    expect(wrongs('no.such x', 'undo ctrl+ctrl F99', 'help escape', 'help %')).toEqual([
      '0: no.such is no action of the screen',
      '1: ctrl+ctrl is no key',
      '1: F99 is no key',
      '2: escape always belongs to back',
      '3: help stands there twice',
    ]);
    expect(wrongs('undo ctrl+h', 'help ctrl+m ctrl+n')).toEqual([
      '0: ctrl+h arrives as backspace',
      '1: ctrl+m arrives as enter',
    ]);
    expect(wrongs('no.such x', 'undo q')).toHaveLength(2);
    expect(keysOf(['undo U', 'no.such x'], 'undo')).toEqual(['u']);
  });

  it('names both actions where a key would mean two things in one pane', () => {
    expect(wrongs('undo q')).toEqual(['0: q would be undo and quit']);
    expect(wrongs('account.toggle F', 'help F').toSorted()).toEqual([
      expect.stringMatching(/^1: F would be help and account\.toggle$/),
      expect.stringMatching(/^1: F would be help and requests\.follow$/),
    ]);
    // The same key in two panes is nobody's trouble.
    expect(wrongs('account.toggle F')).toEqual([]);
    expect(wrongs('undo q', 'quit Q')).toEqual([]);
  });

  it('never takes the way out away', () => {
    expect(keysOf(['quit Q', 'back'], 'quit')).toEqual(['Q', 'ctrl+c']);
    expect(keysOf(['quit Q', 'back'], 'back')).toEqual(['escape']);
  });
});
