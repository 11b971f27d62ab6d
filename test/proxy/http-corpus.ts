// What hostile and odd clients send, byte by byte (a character for each byte), and what may come of it. `HOST` is the
// proxy. A request that may go upstream does so in the normal form of http-corpus.test.ts, with this line and body.

export type CorpusCase = {
  name: string;
  bytes: string;
  /** Statuses of the answers in their order, of which each may be one of several; none = closed without a word. */
  answers: readonly (readonly number[])[];
  /** `METHOD target` and body of each request that goes upstream. */
  upstream: readonly (readonly [line: string, body: string])[];
  /** The client ends its side behind the bytes. */
  ends?: boolean;
};

const host = 'Host: HOST\r\n';
const messages = 'POST /v1/messages';
const models = 'GET /v1/models';
const post = `${messages} HTTP/1.1\r\n${host}`;
const get = `${models} HTTP/1.1\r\n${host}`;
const chunked = 'Transfer-Encoding: chunked\r\n';
const smuggled = 'GET /v1/smuggled HTTP/1.1\r\n';

/** Is served, once. */
const served = (name: string, bytes: string, line = messages, body = ''): CorpusCase => ({
  name,
  bytes,
  answers: [[200]],
  upstream: [[line, body]],
});

/** Gets one answer with one of these statuses, and nothing goes upstream. */
const refused = (name: string, bytes: string, ...statuses: number[]): CorpusCase => ({
  name,
  bytes,
  answers: [statuses.length === 0 ? [400] : statuses],
  upstream: [],
});

/** A POST of `{}` whose length is announced by these lines. */
const lengths = (name: string, lines: string, ...statuses: number[]): CorpusCase =>
  refused(name, `${post}${lines}\r\n{}`, ...statuses);

const inChunks = '2\r\n{}\r\n0\r\n\r\n';
/** A POST in chunks under these lines. */
const codings = (name: string, lines: string, ...statuses: number[]): CorpusCase =>
  refused(name, `${post}${lines}\r\n${inChunks}`, ...statuses);

const chunks = (name: string, body: string, ...statuses: number[]): CorpusCase =>
  refused(name, `${post}${chunked}\r\n${body}`, ...statuses);

const targets = (name: string, start: string, ...statuses: number[]): CorpusCase =>
  refused(name, `${start} HTTP/1.1\r\n${host}\r\n`, ...statuses);

const lengthCases: readonly CorpusCase[] = [
  served('no body', `${get}\r\n`, models),
  served('a length', `${post}Content-Length: 2\r\n\r\n{}`, messages, '{}'),
  served('a length of nothing', `${post}Content-Length: 0\r\n\r\n`),
  served('a length with zeros before it', `${post}Content-Length: 0002\r\n\r\n{}`, messages, '{}'),
  served('a body with GET', `${get}Content-Length: 2\r\n\r\n{}`, models, '{}'),
  lengths('a length, then chunks', `Content-Length: 2\r\n${chunked}`),
  codings('chunks, then a length', `${chunked}Content-Length: 12\r\n`),
  lengths('two lengths', 'Content-Length: 2\r\nContent-Length: 3\r\n'),
  lengths('the same length twice', 'Content-Length: 2\r\ncontent-length: 2\r\n'),
  lengths('a list of lengths', 'Content-Length: 2, 2\r\n'),
  lengths('a length with a sign', 'Content-Length: +2\r\n'),
  lengths('a length in hexadecimal', 'Content-Length: 0x2\r\n'),
  lengths('a length below zero', 'Content-Length: -1\r\n'),
  lengths('an empty length', 'Content-Length:\r\n'),
  lengths('a length of two numbers', 'Content-Length: 2 2\r\n'),
  lengths('a length of words', 'Content-Length: two\r\n'),
  lengths('a length beyond 2^64', 'Content-Length: 18446744073709551618\r\n'),
  lengths('a length that nobody has room for', 'Content-Length: 9007199254740993\r\n', 413),
  lengths('a space before the colon of a length', 'Content-Length : 2\r\n'),
  lengths('a length on a folded line', 'Content-Length:\r\n 2\r\n'),
  {
    ...refused('a body shorter than its length', `${post}Content-Length: 20\r\n\r\n{}`),
    ends: true,
  },
];

const codingCases: readonly CorpusCase[] = [
  served('chunks', `${post}${chunked}\r\n${inChunks}`, messages, '{}'),
  served(
    'chunks by another spelling',
    `${post}transfer-ENCODING: CHUNKED\r\n\r\n${inChunks}`,
    messages,
    '{}',
  ),
  served('chunks with a short extension', `${post}${chunked}\r\n2;a=b\r\n{}\r\n0\r\n\r\n`, messages, '{}'),
  served('a trailer', `${post}${chunked}\r\n2\r\n{}\r\n0\r\nX-Trail: smuggled\r\n\r\n`, messages, '{}'),
  codings('a coding nobody knows', 'Transfer-Encoding: xchunked\r\n', 400, 501),
  codings('chunks, then another coding', 'Transfer-Encoding: chunked, identity\r\n', 400, 501),
  codings('a vertical tab before chunks', 'Transfer-Encoding: \u000bchunked\r\n', 400, 501),
  codings('a coding under the chunks', 'Transfer-Encoding: gzip, chunked\r\n', 501),
  codings('a coding over the chunks', 'Transfer-Encoding: chunked, gzip\r\n', 400, 501),
  refused('a coding without chunks', `${get}Transfer-Encoding: gzip\r\n\r\n`, 400, 501),
  codings('no coding, by name', 'Transfer-Encoding: identity\r\n', 400, 501),
  codings('an empty coding', 'Transfer-Encoding:\r\n', 400, 501),
  codings('chunks in chunks', 'Transfer-Encoding: chunked, chunked\r\n', 400, 501),
  codings('chunks on two lines', `${chunked}${chunked}`, 400, 501),
  codings('a coding on a line of its own', `Transfer-Encoding: gzip\r\n${chunked}`, 400, 501),
  codings('a space before the colon of a coding', 'Transfer-Encoding : chunked\r\n'),
  codings('a coding on a folded line', 'Transfer-Encoding:\r\n chunked\r\n'),
  refused('chunks in HTTP/1.0', `${messages} HTTP/1.0\r\n${host}${chunked}\r\n${inChunks}`),
  chunks('chunks with bare line feeds', '2\n{}\n0\n\n'),
  chunks('a space behind the size of a chunk', '2 \r\n{}\r\n0\r\n\r\n'),
  chunks('a line feed in an extension', '2;a\nb\r\n{}\r\n0\r\n\r\n'),
  chunks('a size that is none', 'zz\r\n{}\r\n0\r\n\r\n'),
  chunks('a size below zero', '-2\r\n{}\r\n0\r\n\r\n'),
  chunks('a size in C', '0x2\r\n{}\r\n0\r\n\r\n'),
  chunks('a size beyond 2^64', '10000000000000002\r\n{}\r\n0\r\n\r\n'),
  chunks('a chunk longer than its size', '1\r\n{}\r\n0\r\n\r\n'),
  chunks('a last chunk that is none', '2\r\n{}\r\nX\r\n\r\n'),
  chunks('an extension of 20 KB', `2;${'a'.repeat(20_000)}\r\n{}\r\n0\r\n\r\n`, 400, 413),
  chunks('a trailer that is none', '2\r\n{}\r\n0\r\nno trailer\r\n\r\n'),
  chunks('a length behind the body', '2\r\n{}\r\n0\r\nContent-Length: 7\r\n\r\n'),
  chunks('chunks behind the body', `2\r\n{}\r\n0\r\n${chunked}\r\n`),
];

const lineCases: readonly CorpusCase[] = [
  served('empty lines before the request', `\r\n\r\n${get}\r\n`, models),
  served('HTTP/1.0', `${models} HTTP/1.0\r\n${host}\r\n`, models),
  refused('a folded line', `${get}X: a\r\n b\r\n\r\n`),
  refused('bare line feeds', `${models} HTTP/1.1\nHost: HOST\n\n`),
  refused('a bare line feed at the end', `${get}X: a\n\r\n`),
  refused('an end of CR LF CR', `${get}X: a\r\n\r${smuggled}\r\n\r\n`),
  refused('a bare carriage return', `${get}X: a\rY: b\r\n\r\n`),
  refused('a NUL in a value', `${get}X: a\0b\r\n\r\n`),
  refused('a NUL in a name', `${get}X\0: a\r\n\r\n`),
  refused('an escape in a value', `${get}X: \u001b[2J\r\n\r\n`),
  refused('a delete in a value', `${get}X: \u007f\r\n\r\n`),
  refused('a space before a colon', `${get}X : a\r\n\r\n`),
  refused('a line without a colon', `${get}X\r\n\r\n`),
  refused('an empty name', `${get}: a\r\n\r\n`),
  refused('a name with a slash', `${get}X/Y: a\r\n\r\n`),
  refused('a name beyond ASCII', `${get}X\u00e9: a\r\n\r\n`),
  refused('a space before the first header', `${models} HTTP/1.1\r\n ${host}\r\n`),
  refused('a tab in the request line', `GET\t/v1/models HTTP/1.1\r\n${host}\r\n`),
  served('two spaces in the request line', `GET  /v1/models HTTP/1.1\r\n${host}\r\n`, models),
  refused('a method in small letters', `get /v1/models HTTP/1.1\r\n${host}\r\n`),
  refused('a method nobody knows', `BREW /v1/models HTTP/1.1\r\n${host}\r\n`),
  refused('HTTP/0.9', 'GET /v1/models\r\n\r\n', 400, 421),
  refused('HTTP/0.9 with headers', `${models}\r\n${host}\r\n`),
  refused('HTTP/1.2', `${models} HTTP/1.2\r\n${host}\r\n`),
  refused('HTTP/2.0', `${models} HTTP/2.0\r\n${host}\r\n`),
  refused('HTTP/2 by its preface', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
  refused('TLS', '\u0016\u0003\u0001\u0002\0\u0001\0\u0001\u00fc\u0003\u0003'),
  served('a head of 8 KB', `${get}X: ${'a'.repeat(8000)}\r\n\r\n`, models),
  served('a head of 15 KB', `${get}X: ${'a'.repeat(15_000)}\r\n\r\n`, models),
  refused('a head of 17 KB', `${get}X: ${'a'.repeat(17_000)}\r\n\r\n`, 431),
  refused('a head of 64 KB', `${get}${`X: ${'a'.repeat(1000)}\r\n`.repeat(64)}\r\n`, 431),
  refused('a target of 17 KB', `GET /v1/${'a'.repeat(17_000)} HTTP/1.1\r\n${host}\r\n`, 431),
  served('900 headers', `${get}${'a:b\r\n'.repeat(899)}\r\n`, models),
  refused('1,100 headers', `${get}${'a:b\r\n'.repeat(1099)}\r\n`, 431),
  refused(
    '2,500 headers with the Host at the end',
    `${models} HTTP/1.1\r\n${'a:b\r\n'.repeat(2499)}${host}\r\n`,
    400,
    431,
  ),
  served('a header that a terminal would obey', `${get}X: \u009b2J\r\n\r\n`, models),
  served('a header of bytes that are no text', `${get}X: \u00ff\u009d\r\n\r\n`, models),
];

const targetCases: readonly CorpusCase[] = [
  served(
    'a query',
    `GET /v1/models?limit=2&x=a/../b HTTP/1.1\r\n${host}\r\n`,
    'GET /v1/models?limit=2&x=a/../b',
  ),
  refused('two Hosts', `${get}Host: evil.example\r\n\r\n`),
  refused('the same Host twice', `${get}${host}\r\n`),
  refused('no Host', `${models} HTTP/1.1\r\n\r\n`),
  refused('no Host in HTTP/1.0', `${models} HTTP/1.0\r\n\r\n`, 400, 421),
  refused('an empty Host', `${models} HTTP/1.1\r\nHost:\r\n\r\n`, 400, 421),
  refused('a foreign Host', `${models} HTTP/1.1\r\nHost: evil.example\r\n\r\n`, 421),
  targets('an absolute target', 'GET http://evil.example/v1/models', 404, 421),
  targets('an absolute target to us', 'GET http://HOST/v1/models', 404, 421),
  targets('an authority', 'GET //evil.example/v1/models', 404, 421),
  targets('a target with a user', 'GET @evil.example/v1/models', 400, 421),
  targets('a path that climbs', 'GET /v1/../admin', 404),
  targets('a path that climbs behind a code', 'GET /v1/%2e%2e/admin', 404),
  targets('a line end in a path', 'GET /v1/models%0d%0aHost:%20evil.example', 404),
  targets('a fragment', 'GET /v1/models?x#/v1/files', 400),
  targets('a path beyond ASCII', 'GET /v1/mod\u00e9ls', 400, 404),
  targets('a query that a terminal would obey', 'GET /v1/models?x=\u009b2J', 400),
  targets('an escape in a query', 'GET /v1/models?x=\u001b[2J', 400),
  targets('TRACE', 'TRACE /v1/messages', 405),
  targets('OPTIONS of everything', 'OPTIONS *', 405),
  {
    name: 'a tunnel',
    bytes: 'CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example:443\r\n\r\n',
    answers: [],
    upstream: [],
  },
  served('an upgrade to a socket', `${get}Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n`, models),
  served(
    'an upgrade to HTTP/2',
    `${get}Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n`,
    models,
  ),
  refused('an expectation of fruit', `${post}Expect: banana\r\nContent-Length: 2\r\n\r\n{}`, 417),
  {
    ...served(
      'a wish to be asked',
      `${post}Expect: 100-continue\r\nContent-Length: 2\r\n\r\n{}`,
      messages,
      '{}',
    ),
    answers: [[100], [200]],
  },
];

const sequenceCases: readonly CorpusCase[] = [
  served(
    'a wish to be asked in HTTP/1.0',
    `${messages} HTTP/1.0\r\n${host}Expect: 100-continue\r\nContent-Length: 2\r\n\r\n{}`,
    messages,
    '{}',
  ),
  {
    name: 'a request behind one that ends the connection',
    bytes: `${get}Connection: close\r\n\r\n${smuggled}${host}\r\n`,
    answers: [[200]],
    upstream: [[models, '']],
  },
  {
    name: 'two requests at once',
    bytes: `${post}Content-Length: 2\r\n\r\n{}${get}\r\n`,
    answers: [[200], [200]],
    upstream: [
      [messages, '{}'],
      [models, ''],
    ],
  },
  {
    name: 'a foreign request behind the body',
    bytes: `${post}Content-Length: 2\r\n\r\n{}${smuggled}Host: evil.example\r\n\r\n`,
    answers: [[200], [421]],
    upstream: [[messages, '{}']],
  },
  {
    name: 'rubbish behind one that ends the connection',
    bytes: `GET /healthz HTTP/1.1\r\n${host}Connection: close\r\n\r\nrubbish`,
    answers: [[200]],
    upstream: [],
  },
  {
    name: 'rubbish behind the body',
    bytes: `${post}Content-Length: 2\r\n\r\n{}rubbish\r\n\r\n`,
    answers: [[200]],
    upstream: [[messages, '{}']],
  },
  {
    name: 'a broken body behind a whole one',
    bytes: `${post}Content-Length: 2\r\n\r\n{}${post}${chunked}\r\nzz\r\n`,
    answers: [[200]],
    upstream: [[messages, '{}']],
  },
  {
    name: 'a request behind one that is refused',
    bytes: `${post}Content-Length: 2\r\n${chunked}\r\n{}${smuggled}${host}\r\n`,
    answers: [[400]],
    upstream: [],
  },
  {
    name: 'a request behind one to another Host',
    bytes: `GET /v1/models HTTP/1.1\r\nHost: evil.example\r\n\r\n${smuggled}${host}\r\n`,
    answers: [[421]],
    upstream: [],
  },
];

/** Each is sent on a connection of its own. */
export const corpus: readonly CorpusCase[] = [
  ...lengthCases,
  ...codingCases,
  ...lineCases,
  ...targetCases,
  ...sequenceCases,
];
