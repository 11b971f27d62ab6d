import { afterEach, describe, expect, test } from 'vitest';
import type { TestConfig } from './start-proxy.ts';
import { answerBytes, ask, endAll, headerOf, record, startProxy } from './start-proxy.ts';
import { startProvider } from './provider.ts';

afterEach(endAll);

const name = 'anthropic-ratelimit-unified';
const quotas = (status: string, window = '5h'): Record<string, string> => ({
  [`${name}-status`]: status,
  [`${name}-${window}-status`]: status,
  [`${name}-${window}-utilization`]: '0.93',
  [`${name}-${window}-reset`]: String(Math.ceil(Date.now() / 1000) + 3600),
});

/** What clients see after an answer with these headers: of the account's own words, and of anything else. */
const seen = async (
  headers: Record<string, string>,
  {
    config = {},
    others = ['b'],
    paused = false,
  }: { config?: TestConfig; others?: string[]; paused?: boolean } = {},
) => {
  const provider = await startProvider();
  provider.answer = () => answerBytes(200, { ...headers, 'request-id': 'req_1' }, '{"type":"message"}');
  const accounts = ['a', ...others].map((each) => ({ name: each, url: provider.url }));
  const proxy = await startProxy(accounts, { config });
  proxy.proxy.setAccounts(accounts.map((each) => ({ ...record(each), paused: paused && each.name !== 'a' })));
  const answer = await ask(proxy);
  return {
    status: headerOf(answer, `${name}-status`),
    share: headerOf(answer, `${name}-5h-utilization`),
    id: headerOf(answer, 'request-id'),
  };
};

const told = (status: string) => ({ status, share: '0.93', id: 'req_1' });
const untold = { status: undefined, share: undefined, id: 'req_1' };

describe('what a client learns of the limits of one account', () => {
  test.each(['allowed_warning', 'rejected', 'a_word_of_tomorrow'])(
    'is nothing when it tells of trouble (%s) and another account is ready',
    async (status) => {
      expect(await seen(quotas(status))).toEqual(untold);
    },
  );

  test('is everything when all is well', async () => {
    expect(await seen(quotas('allowed'))).toEqual(told('allowed'));
  });

  test('is everything when nobody else is ready', async () => {
    expect(await seen(quotas('allowed_warning'), { others: [] })).toEqual(told('allowed_warning'));
    expect(await seen(quotas('allowed_warning'), { paused: true })).toEqual(told('allowed_warning'));
  });

  test('is everything although overage is switched off, which is how most plans are', async () => {
    const headers = { ...quotas('allowed'), [`${name}-overage-status`]: 'rejected' };
    expect(await seen(headers)).toEqual(told('allowed'));
  });

  test('is nothing when a single window is nearly used up', async () => {
    const headers = { ...quotas('allowed_warning'), [`${name}-status`]: 'allowed' };
    expect(await seen(headers)).toEqual(untold);
  });

  test('is everything with limitHeaders pass, and nothing with withhold', async () => {
    const warning = quotas('allowed_warning');
    expect(await seen(warning, { config: { limitHeaders: 'pass' } })).toEqual(told('allowed_warning'));
    expect(await seen(quotas('allowed'), { config: { limitHeaders: 'withhold' } })).toEqual(untold);
    expect(await seen(warning, { config: { limitHeaders: 'withhold' }, others: [] })).toEqual(untold);
  });
});
