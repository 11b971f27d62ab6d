import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ChunkedBody } from '../../source/proxy/chunked-body.ts';

/** What a body reads of these pieces, and what it thinks at the end. */
const decode = (...pieces: (Uint8Array | string)[]) => {
  const body = new ChunkedBody();
  const parts = pieces.map((piece) => Buffer.from(body.decode(Buffer.from(piece as string, 'latin1'))));
  return {
    text: Buffer.concat(parts).toString('latin1'),
    over: body.isOver,
    broken: body.isBroken,
    rest: body.rest,
  };
};

const over = { over: true, broken: false };

describe('chunks', () => {
  test.each([
    ['one', '3\r\nabc\r\n0\r\n\r\n', 'abc'],
    ['two', '1\r\na\r\n2\r\nbc\r\n0\r\n\r\n', 'abc'],
    ['none', '0\r\n\r\n', ''],
    [
      'a size in capitals, with zeros before it',
      '000000000000000A\r\n0123456789\r\n00\r\n\r\n',
      '0123456789',
    ],
    ['line ends as data', '4\r\n\r\n\r\n\r\n0\r\n\r\n', '\r\n\r\n'],
    ['extensions', '3;name=value;q="a b"\r\nabc\r\n0;last\r\n\r\n', 'abc'],
    ['trailers', '3\r\nabc\r\n0\r\nX-One: a\r\nX-Two: b\r\n\r\n', 'abc'],
  ])('with %s are read', (_, bytes, text) => {
    expect(decode(bytes)).toEqual({ text, rest: 0, ...over });
    expect(decode(...bytes.split(''))).toEqual({ text, rest: 0, ...over });
  });

  test('that end before the bytes do say how many are left', () => {
    expect(decode('1\r\na\r\n0\r\n\r\nHTTP/1.1 200 OK')).toEqual({ text: 'a', rest: 15, ...over });
  });

  test.each([
    '',
    '3',
    '3\r',
    '3\r\n',
    '3\r\nab',
    '3\r\nabc',
    '3\r\nabc\r\n',
    '3\r\nabc\r\n0',
    '3\r\nabc\r\n0\r\n',
    '3\r\nabc\r\n0\r\n\r',
  ])('that stop at %j are not over', (bytes) => {
    expect(decode(bytes)).toMatchObject({ over: false, broken: false });
  });

  test.each([
    ['no size', '\r\nabc'],
    ['a size that is none', 'zz\r\n'],
    ['a space before the size', ' 3\r\nabc'],
    ['a space behind the size', '3 \r\nabc'],
    ['0x', '0x3\r\nabc'],
    ['a sign', '-3\r\nabc'],
    ['17 digits', `${'0'.repeat(16)}3\r\nabc`],
    ['a size of 64 bits', 'ffffffffffffffff\r\n'],
    ['a size beyond every number', 'fffffffffffffffff\r\n'],
    ['LF behind the size', '3\nabc\r\n'],
    ['CR alone behind the size', '3\rabc'],
    ['LF in an extension', '3;a\nb\r\nabc'],
    ['more data than announced', '2\r\nabc\r\n'],
    ['LF behind the data', '3\r\nabc\n0\r\n\r\n'],
    ['CR alone behind the data', '3\r\nabc\r0\r\n\r\n'],
    ['a space before the extension', '3; a\r\nabc'],
    ['an extension without a name', '3;\r\nabc'],
    ['NUL in an extension', '3;a\0\r\nabc'],
    ['a trailer without a colon', '0\r\nX\r\n\r\n'],
    ['a trailer that is folded', '0\r\nX: a\r\n b\r\n\r\n'],
    ['NUL in a trailer', '0\r\nX: \0\r\n\r\n'],
    ['LF in a trailer', '0\r\nX: a\n\r\n'],
    ['CR alone in a trailer', '0\r\nX: a\rb\r\n'],
    ['an extension without end', `3;${'x'.repeat(20_000)}`],
    ['a trailer without end', `0\r\nX: ${'x'.repeat(20_000)}`],
    ['many long extensions', `1;${'x'.repeat(400)}\r\na\r\n`.repeat(50)],
    ['many trailers', `0\r\n${'X: a\r\n'.repeat(5000)}\r\n`],
  ])('with %s are broken, in one piece and byte by byte', (_, bytes) => {
    expect(decode(bytes)).toMatchObject({ over: false, broken: true });
    expect(decode(...bytes.split(''))).toMatchObject({ over: false, broken: true });
    expect(decode(bytes, '0\r\n\r\n')).toMatchObject({ over: false, broken: true });
  });
});

test('whatever the chunks and wherever the reads are cut, the body is the same', () => {
  const chunk = fc.uint8Array({ minLength: 1, maxLength: 40 });
  fc.assert(
    fc.property(
      fc.array(chunk, { maxLength: 12 }),
      fc.array(fc.nat(700), { maxLength: 12 }),
      (chunks, cuts) => {
        const coded = Buffer.concat([
          ...chunks.flatMap((bytes) => [
            Buffer.from(`${bytes.length.toString(16)}\r\n`),
            Buffer.from(bytes),
            Buffer.from('\r\n'),
          ]),
          Buffer.from('0\r\n\r\n'),
        ]);
        const places = [0, ...cuts.filter((cut) => cut < coded.length).sort((a, b) => a - b), coded.length];
        const pieces = places.slice(1).map((place, i) => coded.subarray(places[i], place));
        expect(decode(...pieces)).toEqual({
          text: Buffer.concat(chunks).toString('latin1'),
          rest: 0,
          ...over,
        });
      },
    ),
    { numRuns: 1000 },
  );
});
