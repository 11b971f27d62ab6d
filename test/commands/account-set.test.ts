import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { run } from '../../source/commands/account-set.ts';
import { useContextHome } from '../kit/command-context.ts';
import { accountRecord, readAccounts, writeAccounts } from './account-records.ts';

const home = useContextHome();
const work = accountRecord('work', { caps: { '5h': 0.5 } });
beforeEach(() => writeAccounts(home.path, [work]));

const set = async (options: Record<string, string | true>, name = 'work') => {
  const given = home.context({ positionals: [name], options });
  const code = await run({ ...given.context, action: 'account.set' });
  return { code, stdout: given.stdout() };
};

test('changes what was given, says how it stands now, and writes it down', async () => {
  const { code, stdout } = await set({ priority: '5', models: 'claude-haiku-*', cap: '5h=80,7d=90' });
  expect(code).toBe(0);
  expect(stdout).toBe(
    'work: priority 5, weight 1, caps 5h=80,7d=90, models claude-haiku-*, https://relay.example\n',
  );
  const after = { ...work, priority: 5, models: ['claude-haiku-*'], caps: { '5h': 0.8, '7d': 0.9 } };
  expect(readAccounts(home.path)).toEqual([after]);
  const [line = ''] = readFileSync(join(home.path, 'audit.log'), 'utf8').split('\n');
  expect(JSON.parse(line)).toMatchObject({
    event: 'account.changed',
    account: 'work',
    priority: 5,
    models: ['claude-haiku-*'],
  });
  const json = JSON.parse((await set({ cap: 'none', models: 'all', json: true })).stdout) as unknown;
  expect(json).toMatchObject({ name: 'work', caps: {}, models: null, priority: 5 });
});

test('says how many requests it may have at once, and takes that back', async () => {
  expect((await set({ concurrent: '4' })).stdout).toContain('concurrent 4');
  expect(readAccounts(home.path)).toEqual([{ ...work, concurrent: 4 }]);
  const json = JSON.parse((await set({ concurrent: 'none', json: true })).stdout) as unknown;
  expect(json).toMatchObject({ concurrent: null });
  expect(readAccounts(home.path)).toEqual([work]);
});

test('says how far paid overage may go, and says it in the record', async () => {
  expect((await set({ overage: 'forbid' })).stdout).toContain('overage forbid');
  expect(readAccounts(home.path)).toEqual([{ ...work, overage: 'forbid' }]);
  const json = JSON.parse((await set({ overage: '25%', json: true })).stdout) as unknown;
  expect(json).toMatchObject({ overage: 0.25, onOverage: false });
  expect((await set({ priority: '5' })).stdout).toContain('overage 25');
  expect(readAccounts(home.path)).toEqual([{ ...work, overage: 0.25, priority: 5 }]);
});

test('names everything that is wrong at once, and changes nothing', async () => {
  const wrong = set({ priority: 'x', cap: '5h=800', 'base-url': 'https://other.example' });
  await expect(wrong).rejects.toMatchObject({
    code: 'usage',
    lines: [
      '--priority: wanted a number, got "x"; leave it out for the default',
      expect.stringMatching(/^--cap: "5h=800" is not a cap/),
      expect.stringMatching(/^the base URL is not at https:\/\/relay.example, which its key was given for/),
    ],
  });
  await expect(set({ priority: '1' }, 'wrok')).rejects.toMatchObject({ code: 'unknown_account' });
  await expect(set({ json: true })).rejects.toMatchObject({
    code: 'usage',
    hint: expect.stringContaining('--cap'),
  });
  expect(readAccounts(home.path)).toEqual([work]);
});
