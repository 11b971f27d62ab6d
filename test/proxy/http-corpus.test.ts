import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseMessage, type HttpMessage } from '../kit/http-bytes.ts';
import { inRun } from '../kit/long-run.ts';
import { connectRaw } from '../kit/raw-client.ts';
import type { RawConnection } from '../kit/raw-connection.ts';
import { startRawUpstream, type RawUpstream } from '../kit/raw-upstream.ts';
import { corpus, type CorpusCase } from './http-corpus.ts';
import { answerBytes, ask, endAll, hungUp, startProxy, type TestProxy } from './start-proxy.ts';

let upstream: RawUpstream;
let proxy: TestProxy;
/** How much of each connection upstream has been looked at. */
const seen = new Map<RawConnection, number>();

type Sent = readonly [line: string, body: string];

/** What may stand in a request to the provider, and nothing else (RFC 9112 sections 3 and 5). */
const startLine = /^([A-Z]+) (\/[\x21-\x7e]*) HTTP\/1\.1$/;
const headerLine =
  /^([!#$%&'*+\-.^_`|~\w]+): ((?:[\x21-\x7e\xa0-\xfe](?:[\t\x20-\x7e\xa0-\xfe]*[\x21-\x7e\xa0-\xfe])?)?)$/;
const neverUp =
  /^(?:transfer-encoding|te|trailer|upgrade|http2-settings|keep-alive|proxy-.*|expect|cookie|authorization|origin|forwarded|x-forwarded-.*|sec-fetch-.*|via)$/;

/** Line and body of a request in normal form; throws on anything that two readers could read in two ways. */
const normalForm = (
  bytes: string,
  authority: string,
): readonly [line: string, body: string, rest: string] => {
  const end = bytes.indexOf('\r\n\r\n');
  const [first = '', ...lines] = bytes.slice(0, end).split('\r\n');
  const start = startLine.exec(first);
  if (end === -1 || start === null) throw new Error(`no request: ${JSON.stringify(bytes)}`);
  const headers = new Map<string, string[]>();
  for (const line of lines) {
    const header = headerLine.exec(line);
    if (header === null) throw new Error(`no header: ${JSON.stringify(line)}`);
    const name = header[1]!.toLowerCase();
    if (neverUp.test(name)) throw new Error(`crosses: ${name}`);
    headers.set(name, [...(headers.get(name) ?? []), header[2]!]);
  }
  expect(headers.get('host')).toEqual([authority]);
  expect(headers.get('x-api-key')).toEqual(['key-work']);
  const lengths = headers.get('content-length') ?? ['0'];
  expect(lengths).toEqual([expect.stringMatching(/^\d+$/)]);
  expect((headers.get('connection') ?? []).every((each) => /^keep-alive, ccr-hop-\w+$/.test(each))).toBe(
    true,
  );
  const from = end + 4;
  const to = from + Number(lengths[0]);
  return [`${start[1]} ${start[2]}`, bytes.slice(from, to), bytes.slice(to)];
};

/** What came upstream since this was last asked, strictly read: every byte of it belongs to a request. */
const takeCame = (): Sent[] => {
  const all: Sent[] = [];
  for (const connection of upstream.connections) {
    let bytes = connection.received().toString('latin1', seen.get(connection) ?? 0);
    seen.set(connection, connection.received().length);
    while (bytes !== '') {
      const [line, body, rest] = normalForm(bytes, `127.0.0.1:${upstream.port}`);
      all.push([line, body]);
      bytes = rest;
    }
  }
  return all;
};

/** Answers each request, however it may look. */
const answerEach = async (connection: RawConnection): Promise<void> => {
  for (let from = 0; ;) {
    const next = (): Buffer => connection.received().subarray(from);
    try {
      await connection.until(() => parseMessage(next())?.complete === true, 600_000);
    } catch {
      return;
    }
    from += next().length;
    await connection.send(answerBytes(200, { 'content-type': 'application/json' }, '{"from":"upstream"}'));
  }
};

beforeAll(async () => {
  upstream = await startRawUpstream(answerEach);
  proxy = await startProxy([{ name: 'work', url: upstream.url }]);
});
afterAll(async () => {
  await endAll();
  await upstream.close();
});

const bytesOf = (bytes: string): Buffer => Buffer.from(bytes.replaceAll('HOST', proxy.host), 'latin1');

const statusOf = ({ startLine }: HttpMessage): number => Number(startLine.split(' ')[1]);

const answersTo = async ({ bytes, answers, ends }: CorpusCase): Promise<number[]> => {
  const client = await connectRaw(proxy.port);
  await client.send(bytesOf(bytes));
  if (ends === true) client.end();
  const statuses: number[] = [];
  let closes = false;
  while (statuses.length < answers.length) {
    const message = await client.message();
    statuses.push(statusOf(message));
    closes = message.header('connection') === 'close';
  }
  const last = statuses.at(-1) ?? 200;
  // What is refused before its end is known must not go on; what is served may.
  expect(closes || last < 400 || last === 404 || last === 405).toBe(true);
  if (closes) expect(await hungUp(client)).toBe('end');
  if (answers.length === 0) {
    expect(await hungUp(client)).not.toBe('none');
    expect(client.received()).toHaveLength(0);
  }
  const said =
    client
      .received()
      .toString('latin1')
      .match(/HTTP\/1\.1 \d{3} /g) ?? [];
  expect(said).toHaveLength(answers.length);
  client.reset();
  await client.closed;
  return statuses;
};

/** The next one is served as if nothing had been; what came upstream beside it is put to `others`. */
const isServed = async (others: string[] = []): Promise<void> => {
  const answer = await ask(proxy, { body: '{"after":1}' });
  expect([answer.status, String(answer.response?.body)]).toEqual([200, '{"from":"upstream"}']);
  const lines = takeCame().map(([line, body]) => `${line} ${body}`);
  const place = lines.indexOf('POST /v1/messages {"after":1}');
  expect(place).not.toBe(-1);
  others.push(...lines.toSpliced(place, 1));
};

/** Cases that are worth changing: a change within kilobytes of the same letter is none. */
const small = corpus.filter(({ bytes }) => bytes.length < 2000);

type Change = { kind: string; at: number; length: number; text: string; other: CorpusCase };

const changed = (bytes: string, { kind, at, length, text, other }: Change): string => {
  const from = Math.floor(at * bytes.length);
  const before = bytes.slice(0, from);
  const part = bytes.slice(from, from + length);
  const after = bytes.slice(from + length);
  switch (kind) {
    case 'cut':
      return before;
    case 'drop':
      return before + after;
    case 'twice':
      return before + part + part + after;
    case 'insert':
      return before + text + part + after;
    case 'replace':
      return before + text + after;
    default:
      return before + other.bytes.slice(Math.floor(at * other.bytes.length));
  }
};

describe('what clients send', () => {
  test('there are cases enough, each with a name of its own', () => {
    expect(corpus.length).toBeGreaterThanOrEqual(73);
    expect(new Set(corpus.map(({ name }) => name)).size).toBe(corpus.length);
  });

  test.each(corpus.map((each) => [each.name, each] as const))('%s', async (_, each) => {
    const statuses = await answersTo(each);
    expect(statuses).toHaveLength(each.answers.length);
    for (const [n, wanted] of each.answers.entries()) expect(wanted).toContain(statuses[n]);
    // Those of one connection are asked at once.
    const inOrder = (sent: readonly Sent[]) => sent.toSorted(([a], [b]) => a.localeCompare(b));
    expect(inOrder(takeCame())).toEqual(inOrder(each.upstream));
    await isServed();
  });

  test(
    'what is broken at any place',
    async () => {
      const special = [
        '\r',
        '\n',
        '\r\n',
        '\r\n\r\n',
        '\0',
        ' ',
        '\t',
        ':',
        ',',
        ';',
        '0',
        '1',
        'a',
        '\u0080',
        '\u00ff',
      ];
      const words = [
        'Content-Length: 5\r\n',
        'Transfer-Encoding: chunked\r\n',
        'Host: HOST\r\n',
        'GET /v1/models HTTP/1.1\r\n',
      ];
      const change = fc.record({
        kind: fc.constantFrom('cut', 'drop', 'twice', 'insert', 'replace', 'splice'),
        at: fc.double({ min: 0, max: 1, noNaN: true }),
        length: fc.integer({ min: 1, max: 12 }),
        text: fc.constantFrom(...special, ...words),
        other: fc.constantFrom(...small),
      });
      const input = fc.record({
        each: fc.constantFrom(...small),
        changes: fc.array(change, { minLength: 1, maxLength: 3 }),
        pieces: fc.boolean(),
      });
      const asked: string[] = [];
      const finished = fc.asyncProperty(input, async ({ each, changes, pieces }) => {
        const client = await connectRaw(proxy.port);
        const bytes = bytesOf(changes.reduce(changed, each.bytes));
        const middle = pieces ? bytes.length >> 1 : 0;
        if (middle > 0) await client.send(bytes.subarray(0, middle));
        await client.send(bytes.subarray(middle));
        client.end();
        await client.closed;
        await isServed(asked);
      });
      await fc.assert(finished, { numRuns: inRun(200, 10_000) });
      expect(asked.length).toBeGreaterThan(0);
      // Each that went upstream is one request of a client, and has its row.
      const nameOf = (line: string): string => line.split(/[ ?]/, 2).join(' ');
      for (const name of new Set(asked.map(nameOf))) {
        const count = asked.filter((line) => nameOf(line) === name).length;
        const rows = () =>
          proxy
            .eventsOf('requestFinished')
            .filter(({ request }) => `${request.method} ${request.path}` === name.slice(0, 300));
        await proxy.awaitEvent('requestFinished', () => rows().length >= count);
      }
    },
    inRun(60_000, 600_000),
  );
});
