import { describe, expect, test } from 'vitest';
import type { Outcome } from '../../source/shared/types.ts';
import { errorWords, outcomeWord, requestNote } from '../../source/store/wording.ts';
import { awkwardText, hostileText } from '../kit/hostile-text.ts';
import { finishedRequest } from './samples.ts';

describe('outcomeWord', () => {
  const words: [Outcome, number | null, string, string][] = [
    ['ok', 200, 'ok', 'good'],
    ['truncated', 200, 'cut', 'bad'],
    ['aborted', null, 'aborted', 'faint'],
    ['error', 401, 'auth', 'bad'],
    ['error', 403, 'denied', 'bad'],
    ['error', 404, 'missing', 'bad'],
    ['error', 429, 'limited', 'warning'],
    ['error', 529, 'busy', 'warning'],
    ['error', 500, 'error', 'bad'],
    ['error', 200, 'error', 'bad'],
    ['rejected', 429, 'limited', 'warning'],
    ['rejected', 502, 'failed', 'bad'],
    ['rejected', 504, 'timeout', 'bad'],
    ['rejected', 529, 'busy', 'warning'],
    ['rejected', 413, 'refused', 'warning'],
    ['rejected', null, 'refused', 'warning'],
  ];
  test.each(words)('%s with status %s is %s', (outcome, status, word, tone) => {
    expect(outcomeWord({ outcome, status })).toEqual({ word, tone });
  });
});

describe('errorWords', () => {
  test.each([
    ['rate_limit_error: Slow_down', 'rate limit: Slow_down'],
    ['overloaded_error', 'overloaded'],
    ['upstream_unreachable', 'upstream unreachable'],
    ['error: ', 'error: '],
    ['Something broke', 'Something broke'],
    ['a sentence: with_a colon', 'a sentence: with_a colon'],
    ['', ''],
  ])('%j is %j', (error, words) => {
    expect(errorWords(error)).toBe(words);
  });

  test.each([...hostileText, ...awkwardText])('%s is shown, not obeyed', (_, text, shown) => {
    expect(errorWords(`api_error: ${text}`)).toBe(`api: ${shown}`);
  });
});

describe('requestNote', () => {
  const note = (fields: Parameters<typeof finishedRequest>[1]): string =>
    requestNote(finishedRequest(1, { attempts: [], ...fields }));
  const attempt = finishedRequest(1).attempts[0]!;

  test('an ordinary request has none', () => {
    expect(note({})).toBe('');
    expect(note({ outcome: 'aborted', error: 'client_gone' })).toBe('');
    expect(note({ attempts: [attempt] })).toBe('');
  });

  test('the gravest thing is told first', () => {
    const attempts = [attempt, attempt, attempt];
    expect(note({ outcome: 'error', error: 'api_error: no', mayHaveRunTwice: true, attempts })).toBe(
      'may have run twice, api: no, retry 2',
    );
  });
});
