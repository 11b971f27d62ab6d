import Anthropic from '@anthropic-ai/sdk';
import { afterEach, describe, expect, test } from 'vitest';
import { startProvider, spent, type Provider } from './provider.ts';
import {
  answerBytes,
  ask,
  endAll,
  headerOf,
  jsonOf,
  question,
  startProxy,
  type TestProxy,
} from './start-proxy.ts';

afterEach(endAll);

type Place = TestProxy & { provider: Provider };

const startWith = async (answer: Buffer): Promise<Place> => {
  const provider = await startProvider();
  provider.answer = () => answer;
  const accounts = ['a', 'b', 'c'].map((name) => ({ name, url: provider.url }));
  return { ...(await startProxy(accounts)), provider };
};

/** The SDK as it comes: it tries three times where it may. */
const sdkOf = ({ url }: TestProxy): Anthropic => new Anthropic({ baseURL: url, apiKey: 'x' });

const limited = (): Buffer => spent(Math.ceil(Date.now() / 1000) * 1000 + 3_600_000);

describe('the SDK behind a pool whose every account is limited', () => {
  test('makes exactly one try: when that is found out, and ever after', async () => {
    const place = await startWith(limited());
    const sdk = sdkOf(place);
    for (const hits of [3, 4]) {
      await expect(sdk.messages.create(question)).rejects.toMatchObject({ status: 429 });
      // One limited account is asked all the same now and then, and no more of them.
      expect(place.provider.asked.length).toBeLessThanOrEqual(hits);
    }
    await place.row(1);
    expect(place.eventsOf('requestFinished')).toHaveLength(2);
  });

  test('and its stream too', async () => {
    const place = await startWith(limited());
    const stream = sdkOf(place).messages.stream(question);
    await expect(stream.finalMessage()).rejects.toMatchObject({ status: 429 });
    await place.row();
    expect(place.eventsOf('requestFinished')).toHaveLength(1);
  });

  test('is told in the words of the provider when the limit ends, and not to come back before', async () => {
    const place = await startWith(limited());
    const answer = await ask(place);
    expect([answer.status, headerOf(answer, 'x-should-retry')]).toEqual([429, 'false']);
    const seconds = Number(headerOf(answer, 'retry-after'));
    expect(seconds > 3500 && seconds <= 3601).toBe(true);
    expect(jsonOf(answer)).toMatchObject({ error: { type: 'rate_limit_error' } });
  });
});

describe('three accounts that are all overloaded', () => {
  test('see at most a fifth more than the requests of fifty clients, and three', async () => {
    const place = await startWith(
      answerBytes(529, { 'content-type': 'application/json' }, '{"type":"error"}'),
    );
    const answers = await Promise.all(Array.from({ length: 50 }, () => ask(place)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([529]));
    expect(place.provider.asked.length).toBeLessThanOrEqual(50 * 1.2 + 3);
    const attempts = answers.map((each) => Number(headerOf(each, 'x-ccr-attempts')));
    expect(Math.max(...attempts)).toBeLessThanOrEqual(3);
    expect(attempts.reduce((sum, each) => sum + each)).toBe(place.provider.asked.length);
  });
});

test('without any account nobody is asked, and the client is told not to come back', async () => {
  const proxy = await startProxy([]);
  const answer = await ask(proxy, { headers: { 'x-api-key': 'of the client' } });
  expect([answer.status, headerOf(answer, 'x-ccr-error')]).toEqual([503, 'no_account']);
  expect(headerOf(answer, 'x-should-retry')).toBe('false');
  expect((await proxy.row()).attempts).toEqual([]);
});
