import { describe, expect, test } from 'vitest';
import type { Action } from '../../source/shared/action.ts';
import { actions, globalOptions } from '../../source/shared/actions.ts';

const repeated = (values: readonly string[]): string[] =>
  values.filter((value, index) => values.indexOf(value) !== index);
const subcommands = actions.flatMap(({ cli }) => (cli === undefined ? [] : [cli]));
const onScreen = actions.flatMap(({ screen }) => (screen === undefined ? [] : [screen]));

describe('the action table', () => {
  test('names every action once', () => {
    expect(repeated(actions.map(({ name }) => name))).toEqual([]);
  });

  test('every action can be reached, by word or by key', () => {
    const unreachable = ({ cli, screen }: Action): boolean => cli === undefined && screen === undefined;
    expect(actions.filter(unreachable)).toEqual([]);
  });

  test('gives every key of a pane one meaning, counting the keys that work everywhere', () => {
    for (const pane of ['accounts', 'requests'] as const) {
      const keys = onScreen
        .filter(({ where }) => where === pane || where === 'all')
        .flatMap(({ keys }) => keys);
      expect(repeated(keys)).toEqual([]);
    }
  });

  test('gives every subcommand its own words', () => {
    expect(repeated(subcommands.map(({ words }) => words.join(' ')))).toEqual([]);
  });

  test('no subcommand is also the first word of a longer one, so that words and arguments cannot be confused', () => {
    const all = subcommands.map(({ words }) => words.join(' ')).filter((words) => words !== '');
    expect(all.filter((words) => all.some((other) => other.startsWith(`${words} `)))).toEqual([]);
  });

  test('gives every subcommand options once, apart from the global ones', () => {
    for (const { options } of subcommands) {
      expect(repeated([...globalOptions, ...options].map(({ name }) => name))).toEqual([]);
    }
  });

  test('shows an example of every subcommand, and it starts with its words', () => {
    for (const { words, examples } of subcommands) {
      expect(examples.length).toBeGreaterThan(0);
      for (const example of examples) expect(example.startsWith(['ccr-tui', ...words].join(' '))).toBe(true);
    }
  });

  test('help is one short line without a full stop', () => {
    for (const help of [
      ...actions.map((action) => action.help),
      ...subcommands.flatMap(({ options }) => options.map((option) => option.help)),
    ]) {
      expect(help).toMatch(/^[^\n]{1,78}[^.\n]$/);
    }
  });
});
