import { describe, expect, it } from 'vitest';
import { cliActions } from '../../source/commands/cli-action.ts';
import { helpText } from '../../source/commands/help-text.ts';

describe('helpText', () => {
  it('names every subcommand, the options and examples for the program', () => {
    const text = helpText([]);
    for (const action of cliActions) expect(text).toContain(action.cli.words.join(' '));
    for (const part of [
      'Usage',
      'Commands',
      'Options',
      'Examples',
      '--port N',
      '--version',
      'CCR_TUI_HOME',
    ]) {
      expect(text).toContain(part);
    }
  });

  it('shows usage, every option and every example of each subcommand', () => {
    for (const action of cliActions) {
      const text = helpText(action.cli.words);
      expect(text).toContain(action.cli.words.length === 0 ? 'Commands' : action.help);
      for (const { name } of action.cli.options) expect(text).toContain(`--${name}`);
      for (const example of action.cli.examples) expect(text).toContain(example);
    }
  });

  it('lists the subcommands of a group, and only those', () => {
    const text = helpText(['account']);
    expect(text).toContain('account pause [NAME]');
    expect(text).not.toContain('config');
  });

  it('fits in 100 columns, without trailing blanks, and ends with a line break', () => {
    const words = [[], ['account'], ['config'], ...cliActions.map((action) => [...action.cli.words])];
    for (const list of words) {
      const text = helpText(list);
      expect(text.endsWith('\n')).toBe(true);
      const lines = text.split('\n');
      expect(lines.filter((line) => line.length > 100 && !line.startsWith('  ccr-tui'))).toEqual([]);
      expect(lines.filter((line) => line !== line.trimEnd())).toEqual([]);
    }
  });
});
