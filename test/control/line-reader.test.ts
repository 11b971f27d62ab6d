import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createLineReader } from '../../source/control/line-reader.ts';

const read = (chunks: readonly Uint8Array[], maxBytes = 1000) => {
  const lines: string[] = [];
  let tooLong = 0;
  const reader = createLineReader({
    maxBytes: () => maxBytes,
    onLine: (line) => lines.push(line.toString('latin1')),
    onTooLong: () => {
      tooLong += 1;
    },
  });
  for (const chunk of chunks) reader.push(Uint8Array.from(chunk));
  return { lines, tooLong };
};

const cut = (bytes: Uint8Array, at: readonly number[]): Uint8Array[] => {
  const places = [0, ...at.map((n) => n % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  return places.slice(1).map((end, index) => bytes.subarray(places[index], end));
};

describe('createLineReader', () => {
  test('gives the same lines whatever the chunks', () => {
    const byte = fc.oneof(fc.constant(0x0a), fc.integer({ min: 0, max: 255 }));
    fc.assert(
      fc.property(fc.array(byte, { maxLength: 300 }), fc.array(fc.nat(), { maxLength: 20 }), (data, at) => {
        const bytes = Uint8Array.from(data);
        const expected = Buffer.from(bytes).toString('latin1').split('\n').slice(0, -1);
        expect(read(cut(bytes, at)).lines).toEqual(expected);
      }),
    );
  });

  test('refuses a line over the limit at the same place whatever the chunks, and reads nothing behind it', () => {
    const data = Buffer.from(`ok\n${'x'.repeat(11)}\nnever\n`);
    fc.assert(
      fc.property(fc.array(fc.nat(), { maxLength: 20 }), (at) => {
        expect(read(cut(data, at), 10)).toEqual({ lines: ['ok'], tooLong: 1 });
      }),
    );
    expect(read([Buffer.from(`${'x'.repeat(10)}\n`)], 10)).toEqual({ lines: ['x'.repeat(10)], tooLong: 0 });
  });

  test('refuses a line that never ends as soon as it is over the limit', () => {
    expect(read([Buffer.alloc(11, 'x')], 10).tooLong).toBe(1);
  });

  test('wipes a line after it was given, however it came', () => {
    const seen: Buffer[] = [];
    const reader = createLineReader({
      maxBytes: () => 1000,
      onLine: (line) => seen.push(line),
      onTooLong: () => undefined,
    });
    const whole = Buffer.from('secret one\n');
    reader.push(whole);
    reader.push(Buffer.from('secret '));
    reader.push(Buffer.from('two\n'));
    expect(whole.toString()).not.toContain('secret');
    expect(seen.map((line) => [...line].every((byte) => byte === 0))).toEqual([true, true]);
  });

  test('copies a line of a megabyte in tiny pieces in linear time', () => {
    const piece = Buffer.alloc(16, 'x');
    const started = performance.now();
    const chunks = Array.from({ length: 65_536 }, () => piece);
    expect(read([...chunks, Buffer.from('\n')], 2 ** 20).lines[0]?.length).toBe(2 ** 20);
    expect(performance.now() - started).toBeLessThan(3000);
  });
});
