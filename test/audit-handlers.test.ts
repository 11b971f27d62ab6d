import { expect, it } from 'vitest';
import type { Upstream } from '../source/demo/upstream.ts';
import { accountSecret, givenAccount, newAccount } from './kit/given-account.ts';
import { useInstanceHome } from './kit/instance-home.ts';

const home = useInstanceHome();
let upstream: Upstream;
givenAccount((started) => {
  upstream = started;
});

it('an instance tells what was done to an account, by whom, to whoever may only read too', async () => {
  const instance = await home.start();
  const client = await home.connect();
  await client.run('account.add', { ...newAccount, baseUrl: upstream.url }, accountSecret());
  await instance.run('account.pause', { account: 'work' });
  await client.run('account.rename', { account: 'work', to: 'job' });
  const entries = await client.run('audit.list', { account: 'job' });
  expect(entries.map(({ event, via, detail }) => [event, via, detail])).toEqual([
    ['account.renamed', 'cli', 'to job'],
    ['account.paused', expect.any(String), ''],
    ['account.added', 'cli', expect.stringContaining('kind ')],
  ]);
  expect(JSON.stringify(entries)).not.toContain('sk-');
  expect(await client.run('audit.list', { account: 'nobody' })).toEqual([]);
});
