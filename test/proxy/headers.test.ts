import * as fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { downstreamHeaders, upstreamHeaders, type UpstreamHeaderInput } from '../../source/proxy/headers.ts';
import { Secret } from '../../source/shared/secret.ts';
import { numRuns } from '../kit/long-run.ts';
import { exchange } from '../kit/raw-client.ts';
import { startRawUpstream } from '../kit/raw-upstream.ts';
import { captured } from './byte-samples.ts';
import { answerAll, answerBytes, ask, endAll, ending, startProxy } from './start-proxy.ts';

const key = 'sk-ant-api03-of-the-account';

const up = (raw: readonly string[], changes: Partial<UpstreamHeaderInput> = {}): string[] =>
  upstreamHeaders({
    raw,
    host: 'api.example',
    kind: 'api-key',
    secret: new Secret(key),
    contentLength: 7,
    identity: true,
    connection: null,
    ...changes,
  });

type Pair = readonly [name: string, value: string];

const pairsOf = (raw: readonly string[]): Pair[] =>
  Array.from({ length: raw.length / 2 }, (_, n) => [raw[2 * n]!, raw[2 * n + 1]!]);

const valuesOf = (raw: readonly string[], wanted: string): string[] =>
  pairsOf(raw).flatMap(([name, value]) => (name.toLowerCase() === wanted ? [value] : []));

const neverUp = [
  'authorization',
  'x-api-key',
  'cookie',
  'host',
  'origin',
  'forwarded',
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'expect',
];
const neverUpPrefixes = ['sec-fetch-', 'x-forwarded-', 'x-ccr-'];

const isClientsOwn = (name: string): boolean =>
  neverUp.includes(name) || neverUpPrefixes.some((prefix) => name.startsWith(prefix));

describe('to the provider', () => {
  test.each(['cc-messages-authtoken', 'cc-messages-apikey', 'sdk-messages-stream', 'agent-sdk-messages'])(
    '%s: what belongs to the message passes in its order and spelling, the credential is the account’s own',
    (name) => {
      const { raw } = captured(name);
      const sent = up(raw);
      const ours = new Set(['host', 'x-api-key', 'accept-encoding', 'content-length']);
      const kept = pairsOf(raw).filter(
        ([each]) => !isClientsOwn(each.toLowerCase()) && !ours.has(each.toLowerCase()),
      );
      expect(kept.length).toBeGreaterThan(8);
      expect(pairsOf(sent).filter(([each]) => !ours.has(each.toLowerCase()))).toEqual(kept);
      expect([...ours].map((each) => valuesOf(sent, each))).toEqual([
        ['api.example'],
        [key],
        ['identity'],
        ['7'],
      ]);
      expect(valuesOf(sent, 'authorization')).toEqual([]);
    },
  );

  test.each([
    ['api-key', 'x-api-key', key],
    ['compatible', 'authorization', `Bearer ${key}`],
    ['openai', 'authorization', `Bearer ${key}`],
    ['login', 'authorization', `Bearer ${key}`],
    ['setup-token', 'authorization', `Bearer ${key}`],
  ] as const)('an account of kind %s shows its secret as %s, once', (kind, name, value) => {
    const sent = up(['Authorization', 'Bearer client', 'X-Api-Key', 'client', 'x-api-key', 'again'], {
      kind,
    });
    expect(valuesOf(sent, name)).toEqual([value]);
    expect(sent.filter((text) => text.includes(key))).toHaveLength(1);
    expect(sent.join('\n')).not.toContain('client');
  });

  test('repeated headers stay repeated, and betas pass verbatim', () => {
    const raw = ['anthropic-beta', 'a,b', 'Anthropic-Beta', 'c', 'X-Custom', '1', 'X-Custom', '2'];
    expect(up(raw).slice(2, 10)).toEqual(raw);
  });

  test.each(['\u009b2J', 'a\u0080', '\u00ff', '\u00ffa\u009f'])(
    'a header with %j, which a terminal obeys or nobody reads, does not pass',
    (value) => expect(valuesOf(up(['X-Odd', value, 'X-End', '\u00e9']), 'x-odd')).toEqual([]),
  );

  test('what Connection names belongs to the connection', () => {
    const sent = up([
      'Connection',
      'close, X-Hop ',
      'x-hop',
      '1',
      'connection',
      'X-Other',
      'X-Other',
      '2',
      'X-End',
      '3',
    ]);
    expect([valuesOf(sent, 'x-hop'), valuesOf(sent, 'x-other'), valuesOf(sent, 'x-end')]).toEqual([
      [],
      [],
      ['3'],
    ]);
  });

  test('the wish for an encoding passes where the answer need not be read', () => {
    const raw = ['Accept-Encoding', 'gzip, br'];
    expect(valuesOf(up(raw, { identity: false }), 'accept-encoding')).toEqual(['gzip, br']);
    expect(valuesOf(up([], { identity: false }), 'accept-encoding')).toEqual([]);
  });

  test('the length is that of the body we send; without a body there is none', () => {
    expect(valuesOf(up(['Content-Length', '99', 'Transfer-Encoding', 'chunked']), 'content-length')).toEqual([
      '7',
    ]);
    expect(valuesOf(up(['Content-Length', '99'], { contentLength: null }), 'content-length')).toEqual([]);
    expect(valuesOf(up([], { contentLength: 0 }), 'content-length')).toEqual(['0']);
  });
});

describe('to the client', () => {
  test('end-to-end headers pass in their order and spelling', () => {
    const raw = [
      'Content-Type',
      'text/event-stream',
      'request-id',
      'req_1',
      'Content-Encoding',
      'gzip',
      'X-Odd',
      'é',
    ];
    expect(downstreamHeaders(raw, 'nothing')).toEqual(raw);
  });

  test('cookies, hop-by-hop headers and headers that only we may set do not', () => {
    const raw = [
      'Set-Cookie',
      'a=1',
      'Connection',
      'keep-alive, X-Hop',
      'X-Hop',
      '1',
      'Keep-Alive',
      'timeout=5',
    ];
    raw.push(
      'Transfer-Encoding',
      'chunked',
      'X-Ccr-Account',
      'forged',
      'x-ccr-error',
      'forged',
      'Trailer',
      'x',
    );
    expect(downstreamHeaders([...raw, 'request-id', 'req_1'], 'nothing')).toEqual(['request-id', 'req_1']);
  });

  test('what one account says of limits is left out when the answer speaks for all', () => {
    const raw = [
      'anthropic-ratelimit-unified-status',
      'rejected',
      'Retry-After',
      '9',
      'X-Should-Retry',
      'true',
      'request-id',
      '1',
    ];
    expect(downstreamHeaders(raw, 'limits')).toEqual(['request-id', '1']);
    expect(downstreamHeaders(raw, 'quotas')).toEqual(raw.slice(2));
    expect(downstreamHeaders(raw, 'nothing')).toEqual(raw);
  });

  test('what node would refuse to write becomes a space', () => {
    expect(downstreamHeaders(['x', 'a\r\nb\u0000c\u001bd\u0100e\tf'], 'nothing')).toEqual([
      'x',
      'a  b c d e\tf',
    ]);
  });
});

const allWithheld = ['nothing', 'quotas', 'limits'] as const;
const anyName = fc.oneof(
  fc.constantFrom(
    ...neverUp,
    ...neverUpPrefixes.map((prefix) => `${prefix}x`),
    'set-cookie',
    'X-Hop',
    'accept',
    'via',
  ),
  fc.stringMatching(/^[A-Za-z-]{1,12}$/),
);
const spelled = fc.tuple(anyName, fc.boolean()).map(([name, upper]) => (upper ? name.toUpperCase() : name));
const anyRaw = fc
  .array(
    fc.tuple(spelled, fc.oneof(fc.constantFrom('close', 'x-hop, keep-alive', 'client-secret'), fc.string())),
  )
  .map((pairs) => pairs.flat());

describe('for all headers', () => {
  test('nothing of the client’s own, and nothing of one connection, goes to the provider', () => {
    fc.assert(
      fc.property(anyRaw, fc.constantFrom('api-key' as const, 'compatible' as const), (raw, kind) => {
        const lists = valuesOf(raw, 'connection').join(',').split(',');
        const listed = new Set(lists.map((each) => each.trim().toLowerCase()));
        const ours = pairsOf(up([], { kind }));
        for (const [name, value] of pairsOf(up(raw, { kind }))) {
          if (ours.some((pair) => pair[0] === name && pair[1] === value)) continue;
          expect(isClientsOwn(name.toLowerCase()) || listed.has(name.toLowerCase())).toBe(false);
          expect(raw).toContain(name);
        }
      }),
      { numRuns },
    );
  });

  test('filtering twice is filtering once, in both directions', () => {
    fc.assert(
      fc.property(anyRaw, fc.constantFrom(...allWithheld), (raw, withheld) => {
        expect(up(up(raw))).toEqual(up(raw));
        const once = downstreamHeaders(raw, withheld);
        expect(downstreamHeaders(once, withheld)).toEqual(once);
        expect(once.length % 2).toBe(0);
      }),
      { numRuns },
    );
  });

  test('nothing of one connection, no cookie and nothing in our name goes to the client', () => {
    fc.assert(
      fc.property(anyRaw, (raw) => {
        for (const [name, value] of pairsOf(downstreamHeaders(raw, 'nothing'))) {
          expect(name.toLowerCase()).not.toMatch(
            /^(?:connection|keep-alive|proxy-|te$|trailer|transfer-encoding|upgrade|set-cookie|x-ccr-)/,
          );
          expect(value).not.toMatch(/[\u0000-\u0008\u000a-\u001f\u007f]/);
        }
      }),
      { numRuns },
    );
  });
});

describe('on the wire', () => {
  afterEach(endAll);

  const marker = 'marked-7f3a';
  const ofOneConnection = [
    'Keep-Alive',
    'Proxy-Authenticate',
    'Proxy-Connection',
    'TE',
    'Trailer',
    'Upgrade',
  ];
  const listed = ['X-Hop', 'HTTP2-Settings'];
  const credentials = ['Authorization', 'X-Api-Key', 'x-api-key', 'Cookie', 'Proxy-Authorization'];

  test('nothing of one connection crosses in either direction, nor a client’s credential, nor a cookie back', async () => {
    const back = [
      ...ofOneConnection,
      ...listed,
      'Set-Cookie',
      'Proxy-Authorization',
      'Access-Control-Allow-Origin',
    ];
    const lines = (names: readonly string[]): string =>
      names.map((name) => `${name}: ${marker}\r\n`).join('');
    const upstream = ending(
      await startRawUpstream(
        answerAll(
          `HTTP/1.1 200 OK\r\nConnection: keep-alive, ${listed.join(',')}\r\n${lines(back)}X-End: kept\r\nContent-Length: 2\r\n\r\n{}`,
        ),
      ),
    );
    const proxy = await startProxy([{ name: 'work', url: upstream.url }]);
    const names = [...ofOneConnection, ...listed, ...credentials];
    const answer = await exchange(
      proxy.port,
      `POST /v1/messages HTTP/1.1\r\nHost: ${proxy.host}\r\nConnection: ${listed.join(', ')}\r\n${lines(names)}X-End: kept\r\nContent-Length: 2\r\n\r\n{}`,
    );
    const sent = upstream.connections[0]?.received().toString('latin1') ?? '';
    for (const bytes of [sent, answer.bytes.toString('latin1')]) {
      expect(bytes).toContain('X-End: kept');
      expect(bytes).not.toContain(marker);
    }
    expect(sent.match(/^x-api-key: .*$/gim)).toEqual(['x-api-key: key-work']);
  });

  test('what a terminal would obey in an answer reaches no client, and its reason is our own word', async () => {
    const head = 'HTTP/1.1 200 O\u009bK\u00ff\r\nX-Odd: a\u009b2Jb\u0085\r\nContent-Length: 2\r\n\r\n{}';
    const upstream = ending(await startRawUpstream(answerAll(Buffer.from(head, 'latin1'))));
    const proxy = await startProxy([{ name: 'work', url: upstream.url }]);
    const { response, bytes } = await ask(proxy);
    expect([response?.startLine, response?.header('x-odd')]).toEqual(['HTTP/1.1 200 OK', 'a 2Jb']);
    expect(bytes.toString('latin1')).not.toMatch(/[\x80-\x9f\xff]/);
  });

  test.each(['authorization', 'x-api-key', 'host', 'content-length', 'content-type, connection, close'])(
    'Connection: %s takes nothing of ours away',
    async (option) => {
      const upstream = ending(await startRawUpstream(answerAll(answerBytes(200, {}, '{}'))));
      const proxy = await startProxy([{ name: 'work', url: upstream.url }]);
      const headers = { connection: option, authorization: `Bearer ${marker}` };
      expect((await ask(proxy, { headers, body: '{}' })).status).toBe(200);
      const sent = upstream.connections[0]?.received().toString('latin1') ?? '';
      expect(sent).not.toContain(marker);
      for (const line of ['x-api-key: key-work', 'Content-Length: 2', `Host: 127.0.0.1:${upstream.port}`]) {
        expect(sent).toContain(`\r\n${line}\r\n`);
      }
    },
  );
});
