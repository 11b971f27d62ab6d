import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { credentialShown } from '../../source/proxy/credentials-shown.ts';
import { runningTime } from '../kit/running-time.ts';

const key = `ccr_${'k'.repeat(43)}`;
const show = (headers: readonly (readonly [string, string])[], target = '/v1/messages') =>
  credentialShown(
    headers.flatMap(([name, value]) => [name, value]),
    target,
  );

describe('what a client shows', () => {
  test.each([
    [[['Authorization', `Bearer ${key}`]]],
    [[['AUTHORIZATION', `bearer   ${key} `]]],
    [[['x-api-key', key]]],
    [[['X-Api-Key', ` ${key}`]]],
    [
      [
        ['x-api-key', key],
        ['authorization', `Bearer ${key}`],
      ],
    ],
  ] as const)('%j is the key', (headers) => {
    expect(show(headers)).toEqual({ kind: 'key', text: key });
  });

  test.each([
    [[], 'none'],
    [[['x-api-key', '']], 'none'],
    [[['x-apikey', key]], 'none'],
    [[['accept-xxxxxx', key]], 'none'],
    [[['authorization', `Basic ${key}`]], 'unfit'],
    [[['authorization', key]], 'unfit'],
    [[['authorization', `Bearer ${key} more`]], 'unfit'],
    [
      [
        ['authorization', `Bearer ${key}`],
        ['authorization', 'Bearer other'],
      ],
      'unfit',
    ],
    [
      [
        ['x-api-key', 'other'],
        ['authorization', `Bearer ${key}`],
      ],
      'unfit',
    ],
    [
      [
        ['x-api-key', key],
        ['authorization', 'Basic eDp5'],
      ],
      'unfit',
    ],
  ] as const)('%j: %s', (headers, kind) => {
    expect(show(headers)).toMatchObject({ kind });
  });

  test('a key in the address is seen, an address that only looks like it is not', () => {
    expect(show([], `/v1/messages?key=${key}`)).toMatchObject({ kind: 'unfit', ours: true });
    expect(show([['x-api-key', key]], `/v1/messages?key=${key}`)).toMatchObject({ kind: 'unfit' });
    expect(show([], '/v1/messages?beta=ccr_true')).toEqual({ kind: 'none' });
  });

  test('two credentials say whether one of them is of ours', () => {
    const both = (a: string, b: string) =>
      show([
        ['x-api-key', a],
        ['authorization', `Bearer ${b}`],
      ]);
    expect(both('sk-a', 'sk-b')).toMatchObject({ kind: 'unfit', ours: false });
    expect(both('sk-a', key)).toMatchObject({ kind: 'unfit', ours: true });
  });

  test('however often and in which order they stand', () => {
    const texts = fc.constantFrom('sk-a', 'sk-b', key, null);
    fc.assert(
      fc.property(fc.array(texts, { maxLength: 6 }), (all) => {
        const shown = show(
          all.map((text) => ['authorization', text === null ? 'Basic eDp5' : `Bearer ${text}`]),
        );
        const different = new Set(all);
        const [only] = different;
        const unfit = { kind: 'unfit', ours: different.has(key) };
        const single = only === undefined ? { kind: 'none' } : { kind: 'key', text: only };
        expect(shown).toMatchObject(different.size > 1 || only === null ? unfit : single);
      }),
    );
  });

  test('thousands of different ones cost no more than the reading of each', () => {
    const headers = Array.from({ length: 60_000 }, (_, n) => ['x-api-key', `sk-${n}`] as const);
    const passed = runningTime();
    expect(show(headers)).toMatchObject({ kind: 'unfit', ours: false });
    // A list in which each is looked for takes seven seconds; this, some ten milliseconds.
    expect(passed()).toBeLessThan(500);
  });

  test('whatever the headers, an answer', () => {
    fc.assert(
      fc.property(fc.array(fc.string()), fc.string(), (raw, target) => {
        expect(['none', 'key', 'unfit']).toContain(credentialShown(raw, target).kind);
      }),
    );
  });
});
