import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SseReader } from '../../source/proxy/sse.ts';
import { numRuns } from '../kit/long-run.ts';
import { anyPlaces, cutAt, fixtureBytes, oneByOne } from './byte-samples.ts';

type Read = [name: string, data: string];

const all = new Set(['message_start', 'message_delta', 'message_stop', 'error', 'message', 'ping']);

const read = (pieces: readonly Buffer[], wanted: ReadonlySet<string> = all): Read[] => {
  const events: Read[] = [];
  const reader = new SseReader(wanted, (name, data) => events.push([name, data]));
  for (const piece of pieces) reader.push(piece);
  return events;
};

const readText = (text: string, wanted?: ReadonlySet<string>): Read[] => read([Buffer.from(text)], wanted);

describe('events', () => {
  test('of a real answer are handed on when they are wanted, in order', () => {
    const names = read(
      [fixtureBytes('sse-tool-use.sse')],
      new Set(['message_start', 'message_delta', 'message_stop']),
    );
    expect(names.map(([name]) => name)).toEqual(['message_start', 'message_delta', 'message_stop']);
    expect(JSON.parse(names[0]![1])).toMatchObject({ type: 'message_start' });
  });

  test.each([
    ['ends with LF', 'event: ping\ndata: 1\n\n', [['ping', '1']]],
    ['ends with CR LF', 'event: ping\r\ndata: 1\r\n\r\n', [['ping', '1']]],
    ['data before its name', 'data: 1\nevent: ping\n\n', [['ping', '1']]],
    ['no space after the colon', 'event:ping\ndata:1\n\n', [['ping', '1']]],
    ['one space is removed, not two', 'event: ping\ndata:  1 \n\n', [['ping', ' 1 ']]],
    ['several data lines', 'event: ping\ndata: 1\ndata:\ndata: 2\n\n', [['ping', '1\n\n2']]],
    ['no name', 'data: 1\n\n', [['message', '1']]],
    ['comments and other fields', ': hello\nid: 7\nretry: 1\nevent: ping\n:\ndata: 1\n\n', [['ping', '1']]],
    ['no data', 'event: ping\n\nevent: ping\ndata: 1\n\n', [['ping', '1']]],
    ['empty data', 'event: ping\ndata:\n\n', [['ping', '']]],
    ['the last of several names counts', 'event: message\nevent: ping\ndata: 1\n\n', [['ping', '1']]],
    [
      'a name does not outlive its event',
      'event: ping\ndata: 1\n\ndata: 2\n\n',
      [
        ['ping', '1'],
        ['message', '2'],
      ],
    ],
    ['a field whose name only begins so', 'eventual: ping\ndatabase: 1\ndata: 2\n\n', [['message', '2']]],
    ['a colon in the data', 'event: ping\ndata: a: b\n\n', [['ping', 'a: b']]],
    ['an end without an empty line is no event', 'event: ping\ndata: 1\n', []],
    ['empty lines', '\n\n\r\n\nevent: ping\ndata: 1\n\n\n\n', [['ping', '1']]],
  ] as [string, string, Read[]][])('%s', (_, text, expected) => expect(readText(text)).toEqual(expected));

  test('nobody asked for are passed over, also when their name is as long as a wanted one', () => {
    const text = 'event: pong\ndata: 1\n\nevent: unknown_event\ndata: 2\n\nevent: ping\ndata: 3\n\n';
    expect(readText(text, new Set(['ping']))).toEqual([['ping', '3']]);
    expect(readText('data: 1\n\n', new Set(['ping']))).toEqual([]);
  });
});

describe('a line that is too long', () => {
  const limit = 1_048_576;
  const around = (length: number): Buffer =>
    Buffer.from(`event: ping\r\ndata: ${'x'.repeat(length - 6)}\r\n\r\nevent: ping\ndata: after\n\n`);

  test('is passed over, and the next event is read', () => {
    expect(read([around(limit + 1)]).map(([, data]) => data)).toEqual(['after']);
    expect(read([around(limit)]).map(([, data]) => data.length)).toEqual([limit - 6, 5]);
  });

  test('is passed over in whatever pieces it comes', () => {
    for (const length of [limit - 1, limit, limit + 1, limit + 2]) {
      const bytes = around(length);
      const whole = read([bytes]).length;
      for (const place of [13 + limit - 1, 13 + length, 13 + length + 1, 13 + length + 2]) {
        expect(read(cutAt(bytes, [place])), `${length} cut at ${place}`).toHaveLength(whole);
      }
    }
  });
});

describe('pieces', () => {
  const tricky = Buffer.from(
    ': é\r\nevent: ping\r\ndata: {"text":"žluť 🦀 漢字"}\r\n\r\nevent: error\ndata: 🦀\ndata: \u2028\n\n',
  );

  test.each(['sse-text.sse', 'sse-thinking.sse', 'sse-midstream-error.sse', 'sse-truncated.sse'])(
    '%s gives the same byte by byte',
    (name) => {
      const bytes = fixtureBytes(name);
      expect(read(oneByOne(bytes))).toEqual(read([bytes]));
    },
  );

  test('every single cut gives the same: inside UTF-8, between CR and LF, inside a name', () => {
    const whole = read([tricky]);
    expect(whole).toEqual([
      ['ping', '{"text":"žluť 🦀 漢字"}'],
      ['error', '🦀\n\u2028'],
    ]);
    for (let place = 0; place <= tricky.length; place += 1)
      expect(read(cutAt(tricky, [place]))).toEqual(whole);
  });

  test('any cuts of any stream give the same', () => {
    const line = fc.oneof(
      fc.constantFrom(
        'event: ping',
        'event: message_start',
        'event:x',
        'data: 1',
        'data',
        'event',
        ':',
        '',
        '',
        '\r',
      ),
      fc.string({ unit: 'binary' }).map((text) => `data: ${text}`),
      fc.string(),
    );
    const stream = fc
      .array(fc.tuple(line, fc.constantFrom('\n', '\r\n')))
      .map((lines) => Buffer.from(lines.flat().join('')));
    fc.assert(
      fc.property(stream, anyPlaces, (bytes, places) => {
        expect(read(cutAt(bytes, places))).toEqual(read([bytes]));
      }),
      { numRuns },
    );
  });

  test('any bytes are read without an error', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 200 })), (chunks) => {
        const pieces = chunks.map((chunk) => Buffer.from(chunk));
        expect(read(pieces)).toEqual(read([Buffer.concat(pieces)]));
      }),
      { numRuns },
    );
  });

  test('the caller may reuse its buffer after a push', () => {
    const events: Read[] = [];
    const reader = new SseReader(all, (name, data) => events.push([name, data]));
    const buffer = Buffer.from('event: ping\ndata: 12');
    reader.push(buffer);
    buffer.fill(0);
    reader.push(Buffer.from('3\n\n'));
    expect(events).toEqual([['ping', '123']]);
  });
});
