import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseResponseHead } from '../../source/proxy/response-head.ts';

const read = (lines: readonly string[], method = 'POST') => parseResponseHead(lines.join('\r\n'), method);
const ok = 'HTTP/1.1 200 OK';

describe('a head', () => {
  test('is read with spelling, order and repetition, and by lower-case name', () => {
    const head = read([
      ok,
      'X-One: a',
      'x-one:\t b\t ',
      'Content-Length:  12 ',
      'X-Empty:',
      'X-Odd: \u00fc: b',
    ]);
    expect(head).toMatchObject({
      status: 200,
      rawHeaders: ['X-One', 'a', 'x-one', 'b', 'Content-Length', '12', 'X-Empty', '', 'X-Odd', '\u00fc: b'],
      framing: { kind: 'length', length: 12 },
      keepAlive: true,
    });
    expect({ ...head?.headers }).toEqual({
      'x-one': 'a',
      'content-length': '12',
      'x-empty': '',
      'x-odd': '\u00fc: b',
    });
  });

  test.each([
    'HTTP/1.1 200',
    'HTTP/1.1 200 ',
    'HTTP/1.1 200 two words',
    'HTTP/1.1 200 \u009b31m',
    'HTTP/1.1 200 \u001b[2J\u0007',
  ])('may begin with %j', (line) => {
    expect(read([line])?.status).toBe(200);
  });

  test('with a name out of the object prototype harms nothing', () => {
    const head = read([ok, '__proto__: x', 'constructor: y', 'Content-Length: 0']);
    expect(head?.headers['__proto__']).toBe('x');
    expect(head?.framing).toEqual({ kind: 'length', length: 0 });
    expect(({} as Record<string, unknown>)['x']).toBeUndefined();
  });

  test.each([
    ['another protocol', 'HTTP/2 200 OK'],
    ['another version', 'HTTP/1.2 200 OK'],
    ['an old version', 'HTTP/0.9 200 OK'],
    ['two digits', 'HTTP/1.1 20 OK'],
    ['four digits', 'HTTP/1.1 2000 OK'],
    ['letters in the status', 'HTTP/1.1 2O0 OK'],
    ['no space', 'HTTP/1.1 200OK'],
    ['a tab', 'HTTP/1.1\t200 OK'],
    ['lower case', 'http/1.1 200 OK'],
    ['nothing', ''],
    ['an empty line before it', '\r\nHTTP/1.1 200 OK'],
    ['a bare CR in the reason', 'HTTP/1.1 200 a\rb'],
    ['a bare LF in the reason', 'HTTP/1.1 200 a\nX-One: b'],
    ['NUL in the reason', 'HTTP/1.1 200 \0'],
  ])('with %s in its first line is none', (_, line) => {
    expect(read([line])).toBeNull();
  });

  test.each([
    ['no colon', 'X-One'],
    ['no name', ': a'],
    ['a space before the colon', 'X-One : a'],
    ['a space in the name', 'X One: a'],
    ['a fold', ' folded: a'],
    ['a fold by tab', '\tfolded'],
    ['NUL', 'X-One: a\0b'],
    ['ESC', 'X-One: \u001b]0;x\u0007'],
    ['DEL', 'X-One: \u007f'],
    ['a bare CR', 'X-One: a\rX-Two: b'],
    ['a bare LF', 'X-One: a\nX-Two: b'],
    ['LF CR', 'X-One: a\n\rX-Two: b'],
    ['a byte beyond ASCII in the name', 'X-\u00fc: a'],
    ['an empty line', ''],
  ])('with %s in a line is none', (_, line) => {
    expect(read([ok, 'X-Zero: a', line, 'X-Last: a'])).toBeNull();
    expect(read([ok, line])).toBeNull();
  });
});

describe('where the body ends', () => {
  const length = 'Content-Length: 5';
  const chunked = 'Transfer-Encoding: chunked';
  test.each([
    ['POST', 200, [length], { kind: 'length', length: 5 }],
    ['POST', 200, ['Content-Length: 0'], { kind: 'length', length: 0 }],
    ['POST', 200, [chunked], { kind: 'chunked' }],
    ['POST', 200, ['transfer-encoding: Chunked'], { kind: 'chunked' }],
    ['POST', 200, [], { kind: 'close' }],
    ['POST', 429, [length], { kind: 'length', length: 5 }],
    ['HEAD', 200, [length], { kind: 'none' }],
    ['HEAD', 200, [chunked], { kind: 'none' }],
    ['GET', 204, [length], { kind: 'none' }],
    ['GET', 304, [], { kind: 'none' }],
    ['GET', 103, [], { kind: 'none' }],
    ['GET', 99, [length], { kind: 'length', length: 5 }],
  ] as const)('%s, %i, %j: %j', (method, status, headers, framing) => {
    const line = `HTTP/1.1 ${String(status).padStart(3, '0')} X`;
    expect(read([line, ...headers], method)?.framing).toEqual(framing);
  });

  test.each([
    ['both a length and chunks', [length, chunked]],
    ['chunks and a length', [chunked, length]],
    ['two lengths', [length, 'Content-Length: 6']],
    ['one length twice', [length, length]],
    ['a list of lengths', ['Content-Length: 5, 5']],
    ['a sign', ['Content-Length: +5']],
    ['a negative length', ['Content-Length: -5']],
    ['a hexadecimal length', ['Content-Length: 0x5']],
    ['a tab behind the length', ['Content-Length: 5\t']],
    ['a tab behind the coding', [`${chunked}\t`]],
    ['an empty length', ['Content-Length:']],
    ['a length with a space', ['Content-Length: 5 5']],
    ['a length that no number can hold', ['Content-Length: 18446744073709551621']],
    ['another coding', ['Transfer-Encoding: gzip']],
    ['two codings', ['Transfer-Encoding: gzip, chunked']],
    ['chunks twice', ['Transfer-Encoding: chunked, chunked']],
    ['chunks on two lines', [chunked, chunked]],
    ['chunks that are not last', ['Transfer-Encoding: chunked, identity']],
    ['nearly chunked', ['Transfer-Encoding: xchunked']],
    ['an empty coding', ['Transfer-Encoding:']],
  ])('is unclear with %s: no answer, whatever the status', (_, headers) => {
    for (const status of [200, 204, 304, 500]) {
      expect(read([`HTTP/1.1 ${status} X`, ...headers])).toBeNull();
    }
  });
});

describe('the connection', () => {
  const end = 'Content-Length: 0';
  test.each([
    ['stays by default', ['HTTP/1.1 200 OK', end], true],
    ['goes when the answer says so', [ok, end, 'Connection: close'], false],
    ['goes when the answer says so in another case and a list', [ok, end, 'connection: x-a, CLOSE'], false],
    ['goes when one of two lines says so', [ok, end, 'Connection: keep-alive', 'Connection: close'], false],
    ['stays with an option of another name', [ok, end, 'Connection: not-close'], true],
    ['goes with an old version', ['HTTP/1.0 200 OK', end], false],
    ['stays with an old version that says so', ['HTTP/1.0 200 OK', end, 'Connection: Keep-Alive'], true],
    ['goes when it marks the end of the body', [ok, 'Connection: keep-alive'], false],
  ])('%s', (_, lines, keepAlive) => {
    expect(read(lines)?.keepAlive).toBe(keepAlive);
  });

  test.each([
    ['timeout=5', 5000],
    ['timeout=5, max=100', 5000],
    ['max=100,Timeout=72', 72_000],
    ['max=100', null],
    ['timeout=x', null],
    ['xtimeout=5', null],
    ['timeout=99999999999', null],
  ])('kept with %j is kept for %j ms', (value, ms) => {
    expect(read([ok, end, `Keep-Alive: ${value}`])?.keepAliveMs).toBe(ms);
  });
});

test('no text makes it throw, and what is read can be written without a further line', () => {
  const line = fc.oneof(
    fc.constantFrom(ok, 'A: b', 'Transfer-Encoding: chunked', 'Content-Length: 3', ' x', ''),
    fc.string({
      unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)),
      maxLength: 20,
    }),
  );
  fc.assert(
    fc.property(fc.array(line, { maxLength: 6 }), fc.constantFrom('\r\n', '\n', '\r'), (lines, separator) => {
      const head = parseResponseHead([ok, ...lines].join(separator), 'GET');
      for (const text of head?.rawHeaders ?? []) expect(text).not.toMatch(/[\r\n\0]/);
    }),
  );
});
