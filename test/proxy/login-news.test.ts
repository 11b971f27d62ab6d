import { expect, test } from 'vitest';
import type { TokenNews } from '../../source/credentials/token-work.ts';
import { auditOfNews, eventOfNews } from '../../source/proxy/login-news.ts';
import { asEpoch } from '../../source/shared/types.ts';
import { loginRecord } from '../credentials/login-place.ts';

const at = asEpoch(1_790_000_000_000);
const record = loginRecord('work');
const place = { at, account: 'id-work', accountName: 'work' };
const failed = (failures: number, retryAt: typeof at | null): TokenNews => ({
  kind: 'failed',
  record,
  reason: 'the token endpoint answered 503',
  failures,
  retryAt,
});

test('a renewal is told and written down', () => {
  const news: TokenNews = { kind: 'renewed', record, expiresAt: at };
  expect(eventOfNews(news, at)).toEqual({ type: 'tokenRefreshed', ...place, expiresAt: at });
  expect(auditOfNews(news)).toEqual({ event: 'token.refreshed', account: 'work' });
});

test('each failure is told; the first of a row and the last are written down', () => {
  expect(eventOfNews(failed(2, at), at)).toEqual({
    type: 'tokenRefreshFailed',
    ...place,
    reason: 'the token endpoint answered 503',
    failures: 2,
    retryAt: at,
  });
  expect(auditOfNews(failed(1, at))).toMatchObject({ event: 'token.refreshFailed', ended: false });
  expect(auditOfNews(failed(2, at))).toBeNull();
  expect(auditOfNews(failed(2, null))).toMatchObject({ event: 'token.refreshFailed', ended: true });
});

test.each([
  [true, /emergency file/],
  [false, /in memory ALONE: do not stop this program/],
])('a login that its store did not take is told loudly (in the emergency file: %s)', (spilled, words) => {
  const news: TokenNews = { kind: 'unstored', record, reason: 'the disk is full', spilled };
  const event = eventOfNews(news, at);
  expect(event).toMatchObject({ type: 'logged', level: 'error', text: expect.stringMatching(words) });
  expect(event).toMatchObject({ text: expect.stringContaining('the disk is full') });
  expect(auditOfNews(news)).toMatchObject({ event: 'token.unstored', emergency: spilled });
});

test('and so is that it was stored after all', () => {
  expect(eventOfNews({ kind: 'stored', record }, at)).toMatchObject({ type: 'logged', level: 'info' });
  expect(auditOfNews({ kind: 'stored', record })).toEqual({ event: 'token.stored', account: 'work' });
});
