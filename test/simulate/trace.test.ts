import { describe, expect, test } from 'vitest';
import { smallTrace, traceOf } from './samples.ts';

test('a trace is read, each row as a request with its place', () => {
  const trace = traceOf(smallTrace());
  expect(trace).toMatchObject({
    name: 'small',
    cacheTtl: '5m',
    models: ['opus'],
    startAt: Date.UTC(2026, 10, 2),
  });
  expect(trace.requests[1]).toEqual({
    id: 1,
    at: 2000,
    chain: '0/0',
    session: 0,
    task: 0,
    model: 0,
    sys: 0,
    epoch: 0,
    prompt: 12_000,
    output: 100,
    durMs: 1000,
    after: 0,
    gapMs: 1000,
  });
});

describe('what does not fit is one line that names the file and the field', () => {
  const row = [0, 0, 0, 0, 0, 0, 0, 1, 1, 1, -1, 0];
  test.each<[Record<string, unknown>, string]>([
    [{ format: 'ccr-trace/2' }, 'format: wanted ccr-trace/1'],
    [{ cacheTtl: '1d' }, 'cacheTtl: wanted 5m or 1h'],
    [{ models: 'opus' }, 'models: wanted a list'],
    [{ models: [7] }, 'models[0]: wanted a name'],
    [{ prices: {} }, 'prices.opus: wanted an object'],
    [{ prices: { opus: { input: 1 } } }, 'prices.opus.output: wanted a number'],
    [{ sysTokens: ['x'] }, 'sysTokens.0: wanted a number'],
    [{ columns: ['at'] }, 'columns: wanted at, session'],
    [{ startAt: 'monday' }, 'startAt: wanted a time'],
    [{ requests: {} }, 'requests: wanted a list'],
    [{ requests: [[1, 2]] }, 'requests[0]: wanted 12 numbers'],
    [{ requests: [row.with(0, 0.5)] }, 'requests[0].at: wanted a whole number'],
    [{ requests: [row.with(4, 1)] }, 'requests[0].model: wanted the place of a model'],
    [{ requests: [row.with(5, -1)] }, 'requests[0].sys: wanted a whole number, not below 0'],
    [{ requests: [row.with(5, 9)] }, 'requests[0].sys: wanted a place in sysTokens'],
    [{ requests: [row.with(7, -1)] }, 'requests[0].prompt: wanted a whole number, not below 0'],
    [{ requests: [row.with(10, -2)] }, 'requests[0].after: wanted a whole number, not below -1'],
    [
      { requests: [row.with(0, 5), row] },
      'requests[1].at: wanted a time that is not before that of the row above',
    ],
    [{ prices: JSON.parse('{"__proto__":{}}') }, 'prices.opus: wanted an object'],
    [{ requests: [row.with(10, 0)] }, 'requests[0].after: wanted an earlier request'],
    [{ horizonMs: -1 }, 'horizonMs: wanted a whole number, not below 0'],
  ])('%j', (change, what) => {
    expect(() => traceOf(smallTrace(change))).toThrow(`trace.json: ${what}`);
  });

  test('all of them at once', () => {
    const wrong = { cacheTtl: '1d', models: ['opus', ''], requests: [[1], row.with(0, -1).with(4, 9)] };
    expect(() => traceOf(smallTrace(wrong))).toThrow(
      'trace.json: cacheTtl: wanted 5m or 1h; models[1]: wanted a name; requests[0]: wanted 12 numbers: ' +
        'at, session, agent, task, model, sys, epoch, prompt, output, durMs, after, gapMs; ' +
        'requests[1].at: wanted a whole number, not below 0; requests[1].model: wanted the place of a model',
    );
  });

  test('a row that comes too early is named by its place, though one before it is none', () => {
    const wrong = { requests: [[1], row.with(0, 5), row] };
    expect(() => traceOf(smallTrace(wrong))).toThrow(
      'requests[2].at: wanted a time that is not before that of the row above',
    );
  });

  test.each([null, 7, 'x', []])('%j is no trace', (value) => {
    expect(() => traceOf(value)).toThrow('trace.json: the file: wanted an object');
  });
});
