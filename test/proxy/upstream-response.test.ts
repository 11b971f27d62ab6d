import { request as nodeRequest } from 'node:http';
import { Duplex } from 'node:stream';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { inRun } from '../kit/long-run.ts';
import { parseResponseHead } from '../../source/proxy/response-head.ts';
import { UpstreamResponse } from '../../source/proxy/upstream-response.ts';

type Told = { status: number; body: string; end: 'end' | 'cut' | 'open' };

/** An answer out of these bytes, and what happens on its connection. */
const open = (head: string, method = 'POST') => {
  const parsed = parseResponseHead(head, method);
  if (parsed === null) return null;
  const calls: string[] = [];
  const response = new UpstreamResponse(parsed, {
    pause: () => calls.push('pause'),
    resume: () => calls.push('resume'),
    done: (clean) => calls.push(clean ? 'done' : 'done, with more behind it'),
    destroy: () => calls.push('destroy'),
  });
  const told: Told = { status: parsed.status, body: '', end: 'open' };
  const read = (): void =>
    response.read({
      data: (bytes) => {
        told.body += bytes.toString('latin1');
      },
      end: () => {
        told.end = 'end';
      },
      cut: () => {
        told.end = 'cut';
      },
    });
  return { response, calls, told, read, push: (text: string) => response.push(Buffer.from(text, 'latin1')) };
};

const length3 = 'HTTP/1.1 200 OK\r\nContent-Length: 3';
const chunked = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked';
const untilClose = 'HTTP/1.1 200 OK';

test('its first bytes can be looked at before it is read, without the marks of their coding, and are read all the same', () => {
  for (const [head, pieces, bytes, opening] of [
    [length3, ['abc'], 2, 'ab'],
    [length3, ['a', 'bc'], 2, 'a'],
    [length3, [], 2, ''],
    [untilClose, ['abc'], 9, 'abc'],
    [chunked, ['3;x=y\r\nabc\r\n0\r\n\r\n'], 9, 'ab'],
    [chunked, ['3\r\nabc\r\n0\r\n\r\n'], 6, 'abc'],
  ] as const) {
    const one = open(head)!;
    pieces.forEach(one.push);
    expect(one.response.opening(bytes)).toBe(opening);
    one.read();
    expect(one.told.body).toBe(pieces.length === 0 ? '' : 'abc');
  }
});

describe('the body', () => {
  test.each([
    [length3, ['abc'], 'abc', 'done'],
    [length3, ['a', 'bc'], 'abc', 'done'],
    [length3, ['abcd'], 'abc', 'done, with more behind it'],
    [chunked, ['3\r\nabc\r\n0\r\n\r\n'], 'abc', 'done'],
    [chunked, ['1\r\na\r\n2\r', '\nbc\r\n0\r\n', '\r\n'], 'abc', 'done'],
    [chunked, ['3\r\nabc\r\n0\r\n\r\nx'], 'abc', 'done, with more behind it'],
    ['HTTP/1.1 200 OK\r\nContent-Length: 0', [], '', 'done'],
    ['HTTP/1.1 204 No Content', [], '', 'done'],
  ])('of %j in %j is %j', (head, pieces, body, call) => {
    for (const early of [true, false]) {
      const one = open(head)!;
      if (early) pieces.forEach(one.push);
      one.read();
      if (!early) pieces.forEach(one.push);
      expect(one.told).toMatchObject({ body, end: 'end' });
      expect(one.calls).toEqual([call]);
    }
  });

  test('that has none does not take what stands there for one', () => {
    const one = open('HTTP/1.1 204 No Content\r\nContent-Length: 4')!;
    one.push('evil');
    one.read();
    expect(one.told).toEqual({ status: 204, body: '', end: 'end' });
    expect(one.calls).toEqual(['done, with more behind it']);
  });

  test('whose end is that of the connection is whole when it ends in order, and cut when it breaks', () => {
    for (const [how, end] of [
      ['ended', 'end'],
      ['broken', 'cut'],
    ] as const) {
      const one = open(untilClose)!;
      one.push('ab');
      one.read();
      one.push('c');
      one.response.close(how);
      expect(one.told).toEqual({ status: 200, body: 'abc', end });
    }
  });

  test.each([length3, chunked])(
    'of %j is cut when the connection ends before it, in whatever order',
    (head) => {
      const piece = head === chunked ? '1\r\na\r\n' : 'a';
      for (const how of ['ended', 'broken'] as const) {
        for (const early of [true, false]) {
          const one = open(head)!;
          one.push(piece);
          if (early) one.response.close(how);
          one.read();
          one.response.close(how);
          expect(one.told).toEqual({ status: 200, body: 'a', end: 'cut' });
          expect(one.calls).toEqual(['destroy']);
        }
      }
    },
  );

  test('that cannot be understood is cut there, and what came before it is told', () => {
    const one = open(chunked)!;
    one.read();
    one.push('3\r\nabc\r\nzz\r\nevil');
    one.push('3\r\nabc\r\n0\r\n\r\n');
    expect(one.told).toEqual({ status: 200, body: 'abc', end: 'cut' });
    expect(one.calls).toEqual(['destroy']);
  });

  test('that is destroyed in the middle tells nothing more', () => {
    const one = open(chunked)!;
    const told: string[] = [];
    one.response.read({
      data(bytes) {
        told.push(bytes.toString());
        one.response.destroy();
      },
      end: () => told.push('end'),
      cut: () => told.push('cut'),
    });
    one.push('1\r\na\r\n0\r\n\r\n');
    one.push('1\r\nb\r\n');
    one.response.close('ended');
    expect(told).toEqual(['a']);
    expect(one.calls).toEqual(['destroy']);
  });
});

describe('a connection', () => {
  test('waits when much has come before somebody reads, and goes on then', () => {
    const one = open('HTTP/1.1 200 OK\r\nContent-Length: 100000')!;
    one.push('x'.repeat(60_000));
    expect(one.calls).toEqual([]);
    one.push('x'.repeat(10_000));
    expect(one.calls).toEqual(['pause']);
    one.read();
    expect(one.told.body).toHaveLength(70_000);
    expect(one.calls).toEqual(['pause', 'resume']);
  });

  test('is held back and let go once, and not after the end', () => {
    const one = open(length3)!;
    one.read();
    one.response.pause();
    one.response.pause();
    expect(one.response.isPaused).toBe(true);
    one.response.resume();
    one.response.resume();
    expect(one.calls).toEqual(['pause', 'resume']);
    one.push('abc');
    one.response.pause();
    one.response.destroy();
    expect(one.calls).toEqual(['pause', 'resume', 'done']);
  });
});

/** What node's own client makes of the same bytes, followed by FIN; null when it takes them for no answer. */
const asNodeReads = (bytes: Buffer): Promise<Told | null> =>
  new Promise((resolve) => {
    const wire = new Duplex({ read: () => undefined, write: (_, __, done) => done() });
    const outgoing = nodeRequest({ createConnection: () => wire, method: 'GET', headers: { host: 'x' } });
    let answered = false;
    outgoing.on('error', () => answered || resolve(null));
    outgoing.on('upgrade', () => resolve(null));
    outgoing.on('response', (incoming) => {
      answered = true;
      const told: Told = { status: incoming.statusCode ?? 0, body: '', end: 'cut' };
      incoming.on('error', () => undefined);
      incoming.on('data', (part: Buffer) => (told.body += part.toString('latin1')));
      incoming.on('close', () => resolve({ ...told, end: incoming.complete ? 'end' : 'cut' }));
    });
    outgoing.end();
    setImmediate(() => {
      wire.push(bytes);
      wire.push(null);
    });
  });

const asWeRead = (bytes: Buffer): Told | null => {
  const text = bytes.toString('latin1');
  const end = text.indexOf('\r\n\r\n');
  const one = end === -1 ? null : open(text.slice(0, end), 'GET');
  if (one === null || (one.told.status >= 100 && one.told.status < 200)) return null;
  one.push(text.slice(end + 4));
  one.read();
  one.response.close('ended');
  return one.told;
};

test('what we take for a whole answer, node takes for the same one, however the bytes were damaged', async () => {
  const whole = fc.constantFrom(
    'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\nConnection: keep-alive\r\n\r\nhello',
    'HTTP/1.1 200 OK\r\nX-A: b\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n1;x=y\r\n!\r\n0\r\nX-T: v\r\n\r\n',
    'HTTP/1.0 404 Not Found\r\nServer: x\r\n\r\nuntil the end',
    'HTTP/1.1 204 No Content\r\nX-A: b\r\n\r\n',
  );
  const odd = fc.constantFrom(
    '\r',
    '\n',
    '\r\n',
    ' ',
    '\t',
    '\0',
    ':',
    ',',
    ';',
    '0',
    '5',
    'f',
    'x',
    '\u00ff',
    '\u001b',
  );
  const damage = fc.record({ at: fc.nat(200), cut: fc.nat(4), put: fc.array(odd, { maxLength: 3 }) });
  let understood = 0;
  await fc.assert(
    fc.asyncProperty(whole, fc.array(damage, { maxLength: 2 }), async (text, damages) => {
      let bytes = text;
      for (const { at, cut, put } of damages) {
        const place = at % (bytes.length + 1);
        bytes = bytes.slice(0, place) + put.join('') + bytes.slice(place + cut);
      }
      const ours = asWeRead(Buffer.from(bytes, 'latin1'));
      if (ours?.end !== 'end') return;
      understood += 1;
      expect(await asNodeReads(Buffer.from(bytes, 'latin1'))).toEqual(ours);
    }),
    { numRuns: inRun(3000, 100_000) },
  );
  expect(understood).toBeGreaterThan(500);
});
