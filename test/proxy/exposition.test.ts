import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { bucketBounds, emptyHistogram, exposition, measure } from '../../source/proxy/exposition.ts';
import { numRuns } from '../kit/long-run.ts';
import { readExposition, valueIn } from '../kit/read-exposition.ts';

test('whatever a label says, a strict reader gets it back', () => {
  const hostile = fc.oneof(
    fc.string({ unit: 'binary' }),
    // A line of the format ends with a line feed alone.
    fc.constantFrom('"', '\\', '\n', '\\n', 'a"} 1\nb{x="', '\u2028', '\u2029', '\u0085'),
  );
  fc.assert(
    fc.property(fc.uniqueArray(hostile, { minLength: 1, maxLength: 8 }), (values) => {
      const wanted = values.map((value) => value.toWellFormed()).filter((value) => !/[\r\0]/.test(value));
      fc.pre(new Set(wanted).size === wanted.length && wanted.length > 0);
      const series = wanted.map((x, index) => ({ labels: { x }, value: index }));
      const families = readExposition(
        exposition([{ name: 'a_total', help: 'of a', type: 'counter', series }]),
      );
      for (const { labels, value } of series)
        expect(valueIn(families, 'ccr_tui_a_total', labels)).toBe(value);
    }),
    { numRuns },
  );
});

test('each measurement is in every bucket that it does not exceed', () => {
  const histogram = emptyHistogram();
  const times = [0, 50, 51, 999, 1000, 1001, 600_000, 600_001, 1e9];
  for (const ms of times) measure(histogram, ms);
  const families = readExposition(
    exposition([{ name: 'h', help: 'of h', type: 'histogram', series: [{ labels: {}, histogram }] }]),
  );
  for (const bound of bucketBounds) {
    const below = times.filter((ms) => ms / 1000 <= bound).length;
    expect(valueIn(families, 'ccr_tui_h_bucket', { le: String(bound) })).toBe(below);
  }
  expect(valueIn(families, 'ccr_tui_h_count')).toBe(times.length);
  expect(valueIn(families, 'ccr_tui_h_sum')).toBeCloseTo(times.reduce((a, b) => a + b) / 1000, 3);
});

test('a family of which nothing is known is not there', () => {
  expect(exposition([{ name: 'a', help: 'of a', type: 'gauge', series: [] }])).toBe('\n');
});
