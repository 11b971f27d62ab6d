import { expect, test } from 'vitest';
import type { Settings } from '../source/config/settings.ts';
import { keepProfile } from '../source/keep-profile.ts';
import { liveDocument } from '../source/live-document.ts';
import type { LogLevel } from '../source/shared/events.ts';
import type { AccountRecord } from '../source/shared/types.ts';
import { accountRecord, loginFacts } from './kit/records.ts';

const login = loginFacts({ accountUuid: 'known' });
const [work, key] = [accountRecord('work', { kind: 'login', login }), accountRecord('key')];
const profile = { accountUuid: null, organization: 'Example', plan: 'max' };

const start = (update?: () => Promise<never>) => {
  const settings: Pick<Settings, 'accounts' | 'clientKeys'> = { accounts: [work, key], clientKeys: [] };
  const told: (readonly AccountRecord[])[] = [];
  const said: [LogLevel, string][] = [];
  const keep = keepProfile({
    settings,
    document: liveDocument({
      settings,
      document: {
        updateAccounts: update ?? (async (change) => [...change(settings.accounts)]),
        updateTogether: () => expect.fail('only accounts change'),
      },
      proxy: {
        setAccounts: (accounts) => void told.push(accounts),
        setClientKeys: () => expect.fail('only accounts change'),
      },
    }),
    log: (level, text) => void said.push([level, text]),
  });
  return { settings, told, said, keep };
};

test('what was not known is kept and told, what was known stays', async () => {
  const { settings, told, keep } = start();
  await keep(work.id, profile);
  const after = { ...work, login: { ...login, organization: 'Example', plan: 'max' } };
  expect(settings.accounts).toEqual([after, key]);
  expect(told).toEqual([[after, key]]);
  await keep(work.id, profile);
  expect(told).toHaveLength(1);
});

test('nothing new, nobody there, and what is no login change nothing', async () => {
  const { told, keep } = start(() => Promise.reject(new Error('written')));
  await keep(work.id, { accountUuid: 'known', organization: null, plan: null });
  await keep(key.id, profile);
  await keep('gone' as typeof work.id, profile);
  expect(told).toEqual([]);
});

test('what was asked for before another person signed in is not kept', async () => {
  const { told, keep } = start();
  await keep(work.id, { ...profile, accountUuid: 'of before' });
  expect(told).toEqual([]);
});

test('a file that cannot be written is said', async () => {
  const { said, settings, keep } = start(() => Promise.reject(new Error('the disk is full')));
  await keep(work.id, profile);
  expect(said).toEqual([['warning', 'the plan of work cannot be kept: the disk is full']]);
  expect(settings.accounts).toEqual([work, key]);
});
