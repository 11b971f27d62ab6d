import { describe, expect, it } from 'vitest';
import { cliActions, cliActionsUnder, takesRest, usageLine } from '../../source/commands/cli-action.ts';

const named = (name: string) => {
  const action = cliActions.find((candidate) => candidate.name === name);
  if (action === undefined) throw new Error(name);
  return action;
};

describe('cliActions', () => {
  it('begins with the program itself and leaves out what only a key does', () => {
    expect(cliActions[0]?.cli.words).toEqual([]);
    expect(cliActions.map(({ name }) => name)).not.toContain('select.next');
  });

  it('finds the subcommands under a word', () => {
    expect(cliActionsUnder(['config']).map(({ name }) => name)).toContain('config.check');
    expect(cliActionsUnder(['config', 'get'])).toHaveLength(1);
    expect(cliActionsUnder(['nothing'])).toEqual([]);
    expect(cliActionsUnder([]).map(({ name }) => name)).not.toContain('screen.open');
  });

  it('writes the usage line from the table', () => {
    expect(usageLine(named('run'))).toBe('ccr-tui run -- COMMAND ...');
    expect(usageLine(named('status'))).toBe('ccr-tui status [--line] [--json]');
    expect(usageLine(named('account.add'))).toMatch(/^ccr-tui account add NAME \[--kind KIND\]/);
  });

  it('knows that only run hands its words on', () => {
    expect(cliActions.filter(takesRest).map(({ name }) => name)).toEqual(['run']);
  });
});
