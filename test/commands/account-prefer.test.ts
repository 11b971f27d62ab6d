import { describe, expect, it } from 'vitest';
import { useCommandHome } from '../kit/command-home.ts';

const home = useCommandHome({ inPlace: true });

const preferred = async (): Promise<string[]> =>
  ((await home.json(['account', 'list'])) as { name: string; preferred: boolean }[])
    .filter((account) => account.preferred)
    .map(({ name }) => name);

it.each(['without an instance', 'with a running instance'])(
  'account prefer %s: one account or none, kept in the record',
  async (how) => {
    await home.addAccount('work');
    await home.addAccount('other');
    if (how.startsWith('with ')) await home.serve();
    expect(await preferred()).toEqual([]);
    expect(await home.run(['account', 'prefer', 'work'])).toMatchObject({
      code: 0,
      stdout: 'new work goes to work first\n',
      stderr: '',
    });
    expect(await preferred()).toEqual(['work']);
    await home.run(['account', 'prefer', 'other']);
    expect(await preferred()).toEqual(['other']);
    expect(JSON.parse(home.read('config.json'))).toMatchObject({ accounts: [{}, { preferred: true }] });
    expect((await home.run(['account', 'list'])).stdout).toMatch(/^other .*preferred$/m);
    expect((await home.run(['account', 'show', 'other'])).stdout).toContain('preferred for new work');
    expect((await home.run(['account', 'prefer', '--none'])).stdout).toBe('no account is preferred\n');
    expect(await preferred()).toEqual([]);
    expect(home.read('config.json')).not.toContain('preferred');
    const missing = await home.run(['account', 'prefer', 'wrok']);
    expect([missing.code, missing.stderr]).toEqual([3, expect.stringContaining('did you mean work?')]);
  },
);

describe('without a clear wish', () => {
  it.each([[['account', 'prefer']], [['account', 'prefer', 'work', '--none']]])(
    '%j exits 2',
    async (line) => {
      expect(await home.run(line)).toMatchObject({
        code: 2,
        stderr: expect.stringContaining('NAME, or --none'),
      });
    },
  );
});
