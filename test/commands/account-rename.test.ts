import { beforeEach, expect, test } from 'vitest';
import { run } from '../../source/commands/account-rename.ts';
import { useContextHome } from '../kit/command-context.ts';
import { accountRecord, readAccounts, writeAccounts } from './account-records.ts';

const home = useContextHome();
const [work, other] = [accountRecord('work'), accountRecord('home')];
beforeEach(() => writeAccounts(home.path, [work, other]));

const rename = async (...positionals: string[]): Promise<string> => {
  const { context, stdout } = home.context({ positionals });
  expect(await run(context)).toBe(0);
  return stdout();
};

test('gives the account another name, and leaves the rest of it', async () => {
  expect(await rename('work', 'office')).toBe('renamed work to office\n');
  expect(readAccounts(home.path)).toEqual([{ ...work, name: 'office' }, other]);
});

test('to what is no name, or taken, or of nobody changes nothing', async () => {
  await expect(rename('work', '../x')).rejects.toMatchObject({ code: 'usage' });
  await expect(rename('work', 'home')).rejects.toMatchObject({ code: 'duplicate_account' });
  await expect(rename('wrok', 'x')).rejects.toMatchObject({ code: 'unknown_account' });
  expect(readAccounts(home.path)).toEqual([work, other]);
});
