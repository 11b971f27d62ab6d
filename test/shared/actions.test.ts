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

  // What people have in their fingers from mitmproxy, k9s, lazygit and btop. More keys may come, none may go.
  test.each([
    ['all', 'j down', 'select.next'],
    ['all', 'k up', 'select.previous'],
    ['all', 'pagedown ctrl+d', 'select.page-down'],
    ['all', 'pageup ctrl+u', 'select.page-up'],
    ['all', 'g home', 'select.first'],
    ['all', 'G end', 'select.last'],
    ['requests', 'h left', 'requests.columns-left'],
    ['requests', 'l right', 'requests.columns-right'],
    ['all', 'tab', 'pane.next'],
    ['all', 'shift+tab', 'pane.previous'],
    ['all', '1', 'pane.accounts'],
    ['all', '2', 'pane.requests'],
    ['all', '3', 'pane.log'],
    ['all', 'z', 'pane.zoom'],
    ['requests', 'enter', 'request.show'],
    ['accounts', 'enter', 'account.detail'],
    ['all', 'escape', 'back'],
    ['requests', '/ f', 'requests.filter'],
    ['requests', 'ctrl+f', 'requests.filter-toggle'],
    ['requests', 'n', 'requests.next-error'],
    ['requests', 'N', 'requests.previous-error'],
    ['requests', 'F', 'requests.follow'],
    ['requests', 'space', 'requests.freeze'],
    ['requests', 'C', 'requests.clear'],
    ['all', 'o', 'list.sort'],
    ['all', 'O', 'list.reverse'],
    ['requests', 'w', 'requests.wide'],
    ['accounts', 'p', 'account.toggle'],
    ['accounts', 's', 'account.prefer'],
    ['accounts', 'r', 'account.usage'],
    ['accounts', 'R', 'account.login'],
    ['accounts', 'X', 'account.reset'],
    ['accounts', 'a', 'account.add'],
    ['accounts', 'D', 'account.remove'],
    ['all', 'u', 'undo'],
    ['all', 'S', 'strategy.choose'],
    ['requests', 'y', 'request.copy'],
    ['requests', 'x', 'requests.export'],
    ['all', 'L', 'log.toggle'],
    ['all', 't', 'theme.next'],
    ['all', ':', 'action.ask'],
    ['all', '?', 'help'],
    ['all', 'ctrl+l', 'redraw'],
    ['all', 'ctrl+z', 'suspend'],
    ['all', 'q ctrl+c', 'quit'],
  ])('in %s: %s is %s', (where, keys, name) => {
    const screen = actions.find((action) => action.name === name)?.screen;
    expect(screen?.keys).toEqual(expect.arrayContaining(keys.split(' ')));
    expect([where, 'all']).toContain(screen?.where);
  });

  test('gives every subcommand its own words', () => {
    expect(repeated(subcommands.map(({ words }) => words.join(' ')))).toEqual([]);
  });

  test('no subcommand is also the first word of a longer one, so that words and arguments cannot be confused', () => {
    const all = subcommands.map(({ words }) => words.join(' ')).filter((words) => words !== '');
    const begun = all.filter((words) => all.some((other) => other.startsWith(`${words} `)));
    // `history prune` cannot be confused: `history` takes no argument.
    expect(begun).toEqual(['history']);
    expect(subcommands.find(({ words }) => words.join(' ') === 'history')?.args).toEqual([]);
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
