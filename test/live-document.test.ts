import { expect, test } from 'vitest';
import { liveDocument } from '../source/live-document.ts';
import { accountRecord } from './kit/records.ts';

const [work, home] = [accountRecord('work'), accountRecord('home')];

const start = (isWritable = true) => {
  const settings = { accounts: [work], clientKeys: [] };
  const told: unknown[] = [];
  const written = async <Lists>(lists: Lists): Promise<Lists> => {
    if (isWritable) return lists;
    throw new Error('the disk is full');
  };
  const document = liveDocument({
    settings,
    document: {
      updateAccounts: (change) => written([...change(settings.accounts)]),
      updateTogether: (change) => written(change(settings)),
    },
    proxy: {
      setAccounts: (accounts) => void told.push(accounts),
      setClientKeys: (keys) => void told.push(keys),
    },
  });
  return { settings, told, document };
};

test('what is written counts for the settings and for the data plane before the change resolves', async () => {
  const { settings, told, document } = start();
  await document.updateAccounts((accounts) => [...accounts, home]);
  expect([settings.accounts, told]).toEqual([[work, home], [[work, home]]]);
  await document.updateTogether(({ clientKeys }) => ({ accounts: [home], clientKeys }));
  expect([settings.accounts, told.slice(1)]).toEqual([[home], [[home], []]]);
});

test('what could not be written counts for nobody', async () => {
  const { settings, told, document } = start(false);
  await expect(document.updateAccounts(() => [])).rejects.toThrow('the disk is full');
  await expect(document.updateTogether(() => ({ accounts: [], clientKeys: [] }))).rejects.toThrow('full');
  expect([settings.accounts, told]).toEqual([[work], []]);
});
