import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { harEntry, harHead, harTail } from '../../source/store/history-har.ts';
import { asDuration } from '../../source/shared/types.ts';
import { historyRow } from '../../source/store/history-row.ts';
import { anyRequest } from '../history/rows.ts';
import { pricedSample } from '../store/samples.ts';

// What the specification of HAR 1.2 wants of a document without pages: the keys that have to be there, and their types.
const text = (value: unknown): boolean => typeof value === 'string';
const number = (value: unknown): boolean =>
  typeof value === 'number' && Number.isFinite(value) && value >= -1;
const amount = (value: unknown): boolean => number(value) && (value as number) >= 0;
const list = (value: unknown): boolean => Array.isArray(value);
const time = (value: unknown): boolean =>
  text(value) && /^\d{4,}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/.test(value as string);
const address = (value: unknown): boolean => text(value) && URL.canParse(value as string);

type Shape = { [key: string]: Shape | ((value: unknown) => boolean) };
const entryShape: Shape = {
  startedDateTime: time,
  time: amount,
  request: {
    method: text,
    url: address,
    httpVersion: text,
    cookies: list,
    headers: list,
    queryString: list,
    headersSize: number,
    bodySize: number,
  },
  response: {
    status: amount,
    statusText: text,
    httpVersion: text,
    cookies: list,
    headers: list,
    content: { size: number, mimeType: text },
    redirectURL: text,
    headersSize: number,
    bodySize: number,
  },
  cache: {},
  timings: {
    blocked: number,
    dns: number,
    connect: number,
    ssl: number,
    send: amount,
    wait: amount,
    receive: amount,
  },
};

const problems = (value: unknown, shape: Shape, where = ''): string[] => {
  if (typeof value !== 'object' || value === null) return [`${where} is no object`];
  const entries = value as Record<string, unknown>;
  const foreign = Object.keys(entries).filter((key) => !Object.hasOwn(shape, key) && !key.startsWith('_'));
  return [
    ...foreign.map((key) => `${where}.${key} is not of the format`),
    ...Object.entries(shape).flatMap(([key, wanted]) => {
      if (typeof wanted === 'object') return problems(entries[key], wanted, `${where}.${key}`);
      return wanted(entries[key]) ? [] : [`${where}.${key}`];
    }),
  ];
};

test('any request is an entry that the format allows, whose time is the sum of its known timings', () => {
  fc.assert(
    fc.property(anyRequest, (request) => {
      const entry = JSON.parse(JSON.stringify(harEntry(historyRow(request)))) as {
        time: number;
        timings: Record<string, number>;
      };
      expect(problems(entry, entryShape)).toEqual([]);
      // The one of TLS is within the one of connecting.
      const { ssl: _, ...timings } = entry.timings;
      const sum = Object.values(timings).reduce((total, ms) => total + Math.max(0, ms), 0);
      expect(sum).toBeCloseTo(entry.time, 3);
    }),
  );
});

test('waiting, the first byte and the rest are told apart', () => {
  const [waitMs, firstByteMs, totalMs] = [100, 410, 6200].map((ms) => asDuration(ms)) as [
    never,
    never,
    never,
  ];
  expect(harEntry(historyRow(pricedSample(1, { waitMs, firstByteMs, totalMs })))).toMatchObject({
    time: 6200,
    timings: { blocked: 100, wait: 310, receive: 5790, connect: -1 },
    request: { url: 'http://localhost/v1/messages', method: 'POST' },
    response: { status: 200, statusText: 'OK', content: { mimeType: 'text/event-stream' } },
    _ccr: { id: 'request-00000001', account: 'work', tokens: { input: 1200 } },
  });
  expect(harEntry(historyRow(pricedSample(1, { firstByteMs: null, totalMs, status: null })))).toMatchObject({
    timings: { blocked: 0, wait: 6200, receive: 0 },
    response: { status: 0, statusText: '' },
  });
});

test('the frame is a log that names its maker', () => {
  expect(JSON.parse(harHead('1.2.3') + harTail)).toEqual({
    log: { version: '1.2', creator: { name: 'ccr-tui', version: '1.2.3' }, entries: [] },
  });
});
