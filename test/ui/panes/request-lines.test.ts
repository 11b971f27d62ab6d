import { describe, expect, it } from 'vitest';
import { asDuration, asEpoch } from '../../../source/shared/types.ts';
import {
  requestHeading,
  requestLine,
  requestTexts,
  shortModel,
  timeOfDay,
} from '../../../source/ui/panes/request-lines.ts';
import { createTheme } from '../../../source/ui/theme.ts';
import { busyState, doneRow, later, liveRow, now } from '../sample.ts';

const theme = createTheme({ ascii: false, color: false });
const show = (kind: 'wide' | 'narrow' | 'tiny', columns: number): string[] =>
  busyState.rows.map((row) =>
    requestLine(theme, row, { kind, columns, selected: false, now })
      .trimEnd()
      .replace(/\d\d:\d\d:\d\d/, 'hh:mm:ss'),
  );

describe('requestLine', () => {
  it('has a row for every kind of request on a wide screen', () => {
    expect([requestHeading(theme, { kind: 'wide', columns: 110 }).trimEnd(), ...show('wide', 110)]).toEqual([
      '  time     account    status      model              first   total     in    out  note',
      '  hh:mm:ss work       200 ok      sonnet-4.5         410ms    6.2s   1.2k    640',
      '  hh:mm:ss work       200 ok      haiku-4.5          180ms   900ms    310     55',
      '  hh:mm:ss work       200 ok      sonnet-4.5         410ms    8.1s   1.2k    640  retry 1',
      '  hh:mm:ss work       529 busy    sonnet-4.5             —   130ms      —      —  overloaded: Overloaded',
      '  hh:mm:ss work       200 cut     sonnet-4.5         410ms    6.2s   1.2k    640  upstream closed the stream',
      '  hh:mm:ss —          503 refused sonnet-4.5             —    6.2s   1.2k    640  no account may serve this c…',
      '  hh:mm:ss work       200 ...     sonnet-4.5         400ms     ~4s      —      —  streaming',
      '  hh:mm:ss home       ...         haiku-4.5              —     ~0s      —      —  waiting',
    ]);
  });

  it('leaves columns out as the screen gets narrower', () => {
    expect(show('narrow', 60)[3]).toBe('  hh:mm:ss work    529 busy    sonnet-4.5       130ms      —');
    expect(show('narrow', 46)[3]).toBe('  hh:mm:ss work     529 busy      130ms      —');
    expect(show('tiny', 30)[3]).toBe('  work     529 busy      130ms');
  });
});

describe('requestTexts', () => {
  it.each([
    [{ outcome: 'ok', status: 200 }, '200 ok'],
    [{ outcome: 'error', status: 429 }, '429 limited'],
    [{ outcome: 'error', status: 529 }, '529 busy'],
    [{ outcome: 'error', status: 401 }, '401 auth'],
    [{ outcome: 'error', status: 500 }, '500 error'],
    [{ outcome: 'truncated', status: 200 }, '200 cut'],
    [{ outcome: 'aborted', status: null }, '— left'],
    [{ outcome: 'rejected', status: 503 }, '503 refused'],
    [{ outcome: 'rejected', status: 502 }, '502 failed'],
    [{ outcome: 'rejected', status: 504 }, '504 timeout'],
    [{ outcome: 'rejected', status: 429 }, '429 limited'],
  ] as const)('calls %j %s', (part, status) => {
    expect(requestTexts(doneRow(1, part), now).status).toBe(status);
  });

  it('lets a running request grow by the second, and says what it does', () => {
    const row = liveRow(1, {
      at: later(-4100),
      failures: [{ account: 'a', status: 429, verdict: 'limited', window: '5h', ms: asDuration(90) }],
    });
    expect(requestTexts(row, now)).toMatchObject({ total: '~4s', note: 'waiting, retry 1', input: '—' });
    expect(requestTexts(row, later(899)).total).toBe('~4s');
    expect(requestTexts(row, later(900)).total).toBe('~5s');
    expect(requestTexts(row, later(90_000)).total).toBe('~1m34s');
    expect(requestTexts(liveRow(1, { firstByteMs: 5, status: 200, stream: false }), now).note).toBe(
      'receiving',
    );
  });

  it('says when a request may have run twice', () => {
    expect(requestTexts(doneRow(1, { mayHaveRunTwice: true }), now).note).toBe('may have run twice');
  });

  it('puts what went wrong, in words, before how often it was tried', () => {
    const attempt = { account: 'a', status: 529, verdict: 'overloaded', window: null, ms: asDuration(9) };
    const failed = doneRow(1, {
      outcome: 'rejected',
      error: 'upstream_unreachable',
      attempts: [attempt, attempt],
    });
    expect(requestTexts(failed, now).note).toBe('upstream unreachable, retry 1');
    const said = doneRow(1, { outcome: 'error', error: 'rate_limit_error: Slow_down' });
    expect(requestTexts(said, now).note).toBe('rate limit: Slow_down');
  });

  it('shows the path of a request without a model', () => {
    expect(requestTexts(doneRow(1, { model: null, path: '/v1/files' }), now).model).toBe('/v1/files');
  });

  it('never shows an unknown number as 0', () => {
    const none = { input: null, output: 0, cacheRead: null, cacheWrite5m: null, cacheWrite1h: null };
    expect(requestTexts(doneRow(1, { tokens: none, firstByteMs: null }), now)).toMatchObject({
      input: '—',
      output: '0',
      first: '—',
    });
    expect(requestTexts(doneRow(1, { totalMs: asDuration(0) }), now).total).toBe('0ms');
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

describe('timeOfDay', () => {
  it('is the local time', () => {
    const noon = new Date(2026, 10, 22, 9, 5, 7).getTime();
    expect(timeOfDay(asEpoch(noon))).toBe('09:05:07');
  });
});
