import { createServer, type ServerResponse } from 'node:http';

// A provider that costs as little as possible: canned answers, told apart by the path's query.
//   /v1/messages              2 KB of JSON
//   /v1/messages?limits       the same with the headers of two quota windows that end in hours
//   /v1/messages?stream=N,MS  an event stream of N deltas, one every MS milliseconds (0 = as fast as it can)
//   /v1/messages?reset        the head and half of the body, then a reset
//   …&model=NAME              of a model of that name
//   /?close-idle              closes every connection on which nothing is under way

const usual = 'claude-sonnet-5-5';
const filler = 'x'.repeat(1700);
const json = JSON.stringify({
  id: 'msg_1',
  type: 'message',
  role: 'assistant',
  model: usual,
  content: [{ type: 'text', text: filler }],
  stop_reason: 'end_turn',
  usage: { input_tokens: 12, output_tokens: 400, cache_read_input_tokens: 0, cache_creation_input_tokens: 0 },
});
const event = (type: string, more: object): string =>
  `event: ${type}\ndata: ${JSON.stringify({ type, ...more })}\n\n`;
const head = event('message_start', {
  message: { id: 'msg_1', model: usual, usage: { input_tokens: 12, output_tokens: 1 } },
});
const delta = Buffer.from(
  event('content_block_delta', { index: 0, delta: { type: 'text_delta', text: 'y'.repeat(60) } }),
);
const tail =
  event('message_delta', { delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 400 } }) +
  event('message_stop', {});

const inHours = (hours: number): number => Math.round(Date.now() / 1000) + hours * 3600;
const limitHeaders = {
  'anthropic-ratelimit-unified-5h-status': 'allowed',
  'anthropic-ratelimit-unified-5h-utilization': '0.42',
  'anthropic-ratelimit-unified-5h-reset': inHours(4),
  'anthropic-ratelimit-unified-7d-status': 'allowed',
  'anthropic-ratelimit-unified-7d-utilization': '0.31',
  'anthropic-ratelimit-unified-7d-reset': inHours(100),
};

/** The request's `model=NAME`, else the usual one. */
const modelIn = (url: string): string => /model=([\w-]+)/.exec(url)?.[1] ?? usual;

const answerWhole = (url: string, response: ServerResponse): void => {
  const model = modelIn(url);
  const body = model === usual ? json : json.replace(usual, model);
  const limits = url.includes('limits') ? limitHeaders : {};
  response.writeHead(200, {
    'content-type': 'application/json',
    'content-length': body.length,
    ...limits,
  });
  if (!url.includes('reset')) return void response.end(body);
  response.write(body.slice(0, 900));
  setTimeout(() => response.socket?.resetAndDestroy(), 5);
};

const server = createServer((request, response) => {
  request.resume();
  request.on('end', () => {
    const [count = 0, pause = 0] = (/stream=([\d,]+)/.exec(request.url ?? '')?.[1] ?? '')
      .split(',')
      .map(Number);
    if (request.url === '/?close-idle') {
      response.setHeader('connection', 'close');
      response.end(() => server.closeIdleConnections());
      return;
    }
    if (count === 0) return answerWhole(request.url ?? '', response);
    const model = modelIn(request.url ?? '');
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(model === usual ? head : head.replace(usual, model));
    let left = count;
    const next = (): void => {
      for (let n = pause === 0 ? Math.min(left, 50) : 1; n > 0; n -= 1) {
        response.write(delta);
        left -= 1;
      }
      if (left <= 0) response.end(tail);
      else if (pause === 0) setImmediate(next);
      else setTimeout(next, pause);
    };
    next();
  });
});
server.keepAliveTimeout = 60_000;
server.listen(Number(process.argv[2] ?? 0), '127.0.0.1', () => {
  const address = server.address();
  process.stdout.write(`${typeof address === 'object' ? address?.port : ''}\n`);
});
