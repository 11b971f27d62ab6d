import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { asDuration, noTokens } from '../../../source/shared/types.ts';
import {
  attemptTexts,
  byteCount,
  cachedShare,
  ownTexts,
  requestTexts,
  shortModel,
} from '../../../source/ui/panes/request-texts.ts';
import { doneRow, later, liveRow, now } from '../sample.ts';

const limited = { account: 'a', status: 429, verdict: 'limited', window: '5h', ms: asDuration(90) };

describe('requestTexts', () => {
  it.each([
    [{ outcome: 'ok', status: 200 }, '200 ok'],
    [{ outcome: 'error', status: 429 }, '429 limited'],
    [{ outcome: 'error', status: 529 }, '529 busy'],
    [{ outcome: 'error', status: 401 }, '401 auth'],
    [{ outcome: 'error', status: 500 }, '500 error'],
    [{ outcome: 'truncated', status: 200 }, '200 cut'],
    [{ outcome: 'aborted', status: null }, '— aborted'],
    [{ outcome: 'rejected', status: 503 }, '503 refused'],
    [{ outcome: 'rejected', status: 502 }, '502 failed'],
    [{ outcome: 'rejected', status: 504 }, '504 timeout'],
    [{ outcome: 'rejected', status: 429 }, '429 limited'],
  ] as const)('calls %j %s', (part, status) => {
    expect(requestTexts(doneRow(1, part), now).status).toBe(status);
  });

  it('lets a running request grow by the second, and says what it does', () => {
    const row = liveRow(1, { at: later(-4100), failures: [limited] });
    expect(requestTexts(row, now)).toMatchObject({
      total: '~4s',
      status: 'waiting',
      note: 'retry 1',
      input: '—',
    });
    expect(requestTexts(row, later(899)).total).toBe('~4s');
    expect(requestTexts(row, later(900)).total).toBe('~5s');
    expect(requestTexts(row, later(90_000)).total).toBe('~1m34s');
    const begun = { firstByteMs: 5, status: 200, stream: false };
    expect(requestTexts(liveRow(1, begun), now)).toMatchObject({ status: '200 receive', note: '' });
    expect(requestTexts(liveRow(1, { ...begun, bytes: 950 }), now).note).toBe('950 B');
    expect(requestTexts(liveRow(1, { ...begun, bytes: 12_345, stream: true }), now)).toMatchObject({
      status: '200 stream',
      note: '12 kB',
    });
  });

  it('counts down how long a request is held, rounded up', () => {
    const held = (ms: number): string =>
      requestTexts(liveRow(1, { account: null, heldUntil: later(ms) }), now).status;
    expect([200_000, 42_000, 41_001, 1, 0, -5000].map(held)).toEqual([
      'held 3:20',
      'held 0:42',
      'held 0:42',
      'held 0:01',
      'held 0:00',
      'held 0:00',
    ]);
    const again = liveRow(1, { heldUntil: later(9000), failures: [limited] });
    expect(requestTexts(again, now)).toMatchObject({ status: 'held 0:09', note: 'retry 1' });
  });

  it('shows the tokens of a running answer as soon as they are known, but no output that still grows', () => {
    const tokens = { ...noTokens, input: 100, output: 3, cacheRead: 900 };
    const row = liveRow(1, { status: 200, firstByteMs: 5, tokens });
    expect(requestTexts(row, now)).toMatchObject({ input: '100', cache: '90%', output: '—' });
  });

  it('says when the end of a request may have been missed', () => {
    expect(requestTexts(liveRow(1, { unsure: true }), now).note).toBe('may have ended');
  });

  it('says who ended an answer before its end, where nothing else tells', () => {
    const note = (part: Parameters<typeof doneRow>[1]): string => requestTexts(doneRow(1, part), now).note;
    expect(note({ outcome: 'aborted' })).toBe('client left');
    expect(note({ outcome: 'truncated', error: 'the answer was cut' })).toBe('ended too early');
    expect(note({ outcome: 'truncated', error: 'upstream closed the stream' })).toBe(
      'upstream closed the stream',
    );
  });

  it('says that the same account was asked again, and not that it led to itself', () => {
    expect(attemptTexts(doneRow(1), limited, limited.account).note).toBe('-> again');
    expect(attemptTexts(doneRow(1), limited, 'spare').note).toBe('-> spare');
  });

  it('says when a request may have run twice', () => {
    expect(requestTexts(doneRow(1, { mayHaveRunTwice: true }), now).note).toBe('may have run twice');
  });

  it('puts what went wrong, in words, before how often it was tried', () => {
    const failed = doneRow(1, {
      outcome: 'rejected',
      error: 'upstream_unreachable',
      attempts: [limited, limited],
    });
    expect(requestTexts(failed, now).note).toBe('upstream unreachable, retry 1');
    expect(ownTexts(failed, now).note).toBe('upstream unreachable');
    const said = doneRow(1, { outcome: 'error', error: 'rate_limit_error: Slow_down' });
    expect(requestTexts(said, now).note).toBe('rate limit: Slow_down');
  });

  it('shows the path of a request without a model', () => {
    expect(requestTexts(doneRow(1, { model: null, path: '/v1/files' }), now).model).toBe('/v1/files');
  });

  it('keeps every number within its column, however large it is', () => {
    const ms = fc.oneof(fc.nat(200_000_000), fc.nat(700_000));
    const tokens = fc.oneof(fc.nat(2_000_000_000), fc.nat(20_000));
    fc.assert(
      fc.property(fc.tuple(ms, ms, ms), fc.tuple(tokens, tokens, tokens), (times, counts) => {
        const [wait, first, total] = times;
        const [input, output, cacheRead] = counts;
        const done = doneRow(1, {
          waitMs: asDuration(wait),
          firstByteMs: asDuration(first),
          totalMs: asDuration(total),
          tokens: { ...noTokens, input, output, cacheRead },
        });
        const live = liveRow(1, { at: later(-total), firstByteMs: first });
        for (const texts of [requestTexts(done, now), requestTexts(live, now)]) {
          const short = [texts.wait, texts.first, texts.input, texts.output, texts.cache];
          expect(Math.max(...short.map(({ length }) => length))).toBeLessThanOrEqual(5);
          expect(texts.total.length).toBeLessThanOrEqual(7);
        }
      }),
    );
  });

  it.each([
    [950, '950'],
    [1949, '1.9k'],
    [1951, '2.0k'],
    [42_000, '42.0k'],
    [118_000, '118k'],
    [3_000_000, '3.0M'],
  ])('shows %i tokens as %s, the point under that of the others', (input, text) => {
    const { tokens } = doneRow(1).request;
    expect(requestTexts(doneRow(1, { tokens: { ...tokens, input } }), now).input).toBe(text);
  });

  it('never shows an unknown number as 0', () => {
    const row = doneRow(1, { tokens: { ...noTokens, output: 0 }, firstByteMs: null });
    expect(requestTexts(row, now)).toMatchObject({ input: '—', output: '0', first: '—', cache: '—' });
    expect(requestTexts(doneRow(1, { totalMs: asDuration(0) }), now).total).toBe('0ms');
  });
});

describe('what a request is for', () => {
  it('is said where it asks for no message', () => {
    const path = '/v1/messages/count_tokens';
    expect(requestTexts(doneRow(1, { path }), now).note).toBe('token count');
    expect(requestTexts(liveRow(1, { path }), now)).toMatchObject({ status: 'waiting', note: 'token count' });
    expect(requestTexts(doneRow(1), now).note).toBe('');
  });
});

describe('attemptTexts', () => {
  it.each([
    [{ verdict: 'limited', status: 429 }, '429 limited', '5h'],
    [{ verdict: 'overloaded', status: 529, window: null }, '529 busy', ''],
    [{ verdict: 'unauthorized', status: 401, window: null }, '401 auth', ''],
    [{ verdict: 'unreachable', status: null, window: null }, '— no answer', ''],
    [{ verdict: 'new-kind', status: 418, window: null }, '418 new-kind', ''],
  ])('calls %j %s', (part, status, window) => {
    const texts = attemptTexts(doneRow(1), { ...limited, ...part }, 'work');
    expect(texts).toMatchObject({ status, window, note: '-> work', total: '90ms', first: '—' });
  });

  it('lets nothing from outside act on the terminal', () => {
    const hostile = '\u001B[2J\u202E\n';
    const attempt = { ...limited, account: hostile, verdict: hostile, window: hostile };
    const texts = attemptTexts(doneRow(1, { model: hostile }), attempt, hostile);
    expect(Object.values(texts).join('')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  });
});

describe('cachedShare', () => {
  it('is the part of the whole prompt that was read from the cache', () => {
    const tokens = { input: 100, output: 5, cacheRead: 700, cacheWrite5m: 150, cacheWrite1h: 50 };
    expect(cachedShare(tokens)).toBe(0.7);
    expect(cachedShare({ ...tokens, cacheWrite5m: null, cacheWrite1h: null })).toBe(0.875);
  });

  it('is unknown when the answer did not tell, or the prompt had no tokens', () => {
    expect(cachedShare(noTokens)).toBeNull();
    expect(cachedShare({ ...noTokens, input: 5 })).toBeNull();
    expect(cachedShare({ ...noTokens, input: 0, cacheRead: 0 })).toBeNull();
  });
});

describe('byteCount', () => {
  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1 kB'],
    [999_499, '999 kB'],
    [999_500, '1.0 MB'],
    [9_949_999, '9.9 MB'],
    [9_950_000, '10 MB'],
    [123_000_000, '123 MB'],
  ])('%d is %s', (bytes, text) => {
    expect(byteCount(bytes)).toBe(text);
  });
});

describe('shortModel', () => {
  it.each([
    ['claude-opus-5-5-20260101', 'opus-5.5'],
    ['claude-sonnet-4-5-20250929', 'sonnet-4.5'],
    ['claude-3-5-haiku-20241022', '3.5-haiku'],
    ['claude-sonnet-5', 'sonnet-5'],
    ['gpt-5', 'gpt-5'],
    ['qwen3-coder-480b', 'qwen3-coder-480b'],
    ['\u001B[2J', '\\x1b[2J'],
  ])('%j is %s', (model, short) => {
    expect(shortModel(model)).toBe(short);
  });
});
