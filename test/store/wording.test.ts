import { describe, expect, test } from 'vitest';
import type { Outcome } from '../../source/shared/types.ts';
import { endWords, errorWords, outcomeWord, requestNote, verdictWord } from '../../source/store/wording.ts';
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

test('the word for a verdict is ours where we know it, and never that of the language', () => {
  expect(['overloaded', 'unreachable', 'slow down'].map(verdictWord)).toEqual([
    'busy',
    'no answer',
    'slow down',
  ]);
  expect(['constructor', 'toString', '\u001B[2J'].map(verdictWord)).toEqual([
    'constructor',
    'toString',
    String.raw`\x1b[2J`,
  ]);
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
    expect(note({ attempts: [attempt] })).toBe('');
  });

  test('what the word for the outcome says already is not said again', () => {
    const busy = { outcome: 'error', status: 529 } as const;
    expect(note({ ...busy, error: 'overloaded_error: Overloaded' })).toBe('passed to the client');
    expect(note({ ...busy, error: 'overloaded_error: Back at noon' })).toBe('overloaded: Back at noon');
    expect(note({ outcome: 'truncated', error: 'upstream closed the stream' })).toBe(
      'upstream closed the stream',
    );
  });

  test('an answer that did not come to its end says why as far as that is known', () => {
    expect(note({ outcome: 'truncated', error: 'the answer was cut' })).toBe('ended too early');
    expect(note({ outcome: 'truncated', error: null })).toBe('ended too early');
    expect(note({ outcome: 'truncated', error: 'cut when the proxy stopped' })).toBe(
      'cut when the proxy stopped',
    );
    expect(note({ outcome: 'aborted', error: 'client_gone' })).toBe('client left');
    expect(endWords({ outcome: 'truncated', error: 'the answer was cut' }, true)).toBe(
      'the answer stopped before its end',
    );
    expect(endWords({ outcome: 'aborted', error: null }, true)).toBe('the client left first');
  });

  test('the gravest thing is told first', () => {
    const attempts = [attempt, attempt, attempt];
    expect(note({ outcome: 'error', error: 'api_error: no', mayHaveRunTwice: true, attempts })).toBe(
      'may have run twice, api: no, retry 2',
    );
  });
});
