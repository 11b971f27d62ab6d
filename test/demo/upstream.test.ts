import Anthropic, { APIError, AuthenticationError, BadRequestError } from '@anthropic-ai/sdk';
import { afterEach, describe, expect, test } from 'vitest';
import type { Limits } from '../../source/demo/limits.ts';
import { fixedReply } from '../../source/demo/replies.ts';
import { startUpstream, type Upstream, type UpstreamOptions } from '../../source/demo/upstream.ts';
import { createFakeClock } from '../kit/fake-clock.ts';
import { connectRaw, exchange, requestBytes } from '../kit/raw-client.ts';

const running: Upstream[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((upstream) => upstream.close()));
});

const start = async (limits: Limits, options: Partial<UpstreamOptions> = {}): Promise<Upstream> => {
  const upstream = await startUpstream({ accounts: [{ name: 'work', key: 'key-work', limits }], ...options });
  running.push(upstream);
  return upstream;
};
const client = (upstream: Upstream, apiKey = 'key-work'): Anthropic =>
  new Anthropic({ baseURL: upstream.url, apiKey, maxRetries: 0 });

const question = {
  model: 'claude-opus-5-5',
  max_tokens: 500,
  messages: [{ role: 'user' as const, content: 'How long is a window?' }],
};
const ask = (upstream: Upstream, body: unknown = question, key = 'key-work') =>
  exchange(
    upstream.port,
    requestBytes('POST', '/v1/messages', { host: 'upstream', 'x-api-key': key }, JSON.stringify(body)),
  );

describe('the real SDK', () => {
  test('reads a whole answer', async () => {
    const upstream = await start({ kind: 'unified' }, { reply: fixedReply('Five hours.') });
    const message = await client(upstream).messages.create(question);
    expect(message.content).toEqual([{ type: 'text', text: 'Five hours.' }]);
    expect(message.stop_reason).toBe('end_turn');
    expect(message.usage.output_tokens).toBe(3);
    expect(message.usage.input_tokens).toBeGreaterThan(5);
    expect(message._request_id).toMatch(/^req_011C/);
  });

  test('reads a stream of text, thinking and a tool call to its end', async () => {
    const upstream = await start({ kind: 'unified' });
    const kinds = new Set<string>();
    const stream = client(upstream).messages.stream({
      ...question,
      thinking: { type: 'enabled', budget_tokens: 1024 },
      tools: [
        {
          name: 'look',
          input_schema: {
            type: 'object',
            properties: { path: { type: 'string' }, deep: { type: 'boolean' } },
            required: ['path', 'deep'],
          },
        },
      ],
      tool_choice: { type: 'tool', name: 'look' },
    });
    stream.on('streamEvent', (event) => {
      kinds.add(event.type === 'content_block_delta' ? event.delta.type : event.type);
    });
    const message = await stream.finalMessage();
    expect(message.content.map(({ type }) => type)).toEqual(['thinking', 'text', 'tool_use']);
    expect(message.content[0]).toMatchObject({ signature: expect.stringMatching(/^c2lt/) });
    expect(message.content[2]).toMatchObject({ name: 'look', input: { path: 'value', deep: true } });
    expect(message.stop_reason).toBe('tool_use');
    expect(kinds).toEqual(
      new Set([
        'message_start',
        'content_block_start',
        'thinking_delta',
        'signature_delta',
        'text_delta',
        'input_json_delta',
        'content_block_stop',
        'message_delta',
        'message_stop',
      ]),
    );
  });

  test('sees max_tokens obeyed', async () => {
    const upstream = await start({ kind: 'unified' });
    const message = await client(upstream).messages.create({ ...question, max_tokens: 5 });
    expect([message.stop_reason, message.usage.output_tokens]).toEqual(['max_tokens', 5]);
  });

  test('counts tokens as the answer bills them', async () => {
    const upstream = await start({ kind: 'unified' });
    const { max_tokens: _, ...countable } = question;
    const { input_tokens } = await client(upstream).messages.countTokens(countable);
    const message = await client(upstream).messages.create(question);
    expect(message.usage.input_tokens).toBe(input_tokens);
  });

  test('lists models, page by page, and shows one', async () => {
    const upstream = await start({ kind: 'unified' });
    const ids: string[] = [];
    for await (const model of client(upstream).models.list({ limit: 3 })) ids.push(model.id);
    expect(ids).toContain('claude-opus-5-5');
    expect(new Set(ids).size).toBe(ids.length);
    expect(upstream.requests).toHaveLength(2);
    expect((await client(upstream).models.retrieve('claude-opus-5-5')).display_name).toBe('Claude Opus 5.5');
    await expect(client(upstream).models.retrieve('gpt')).rejects.toMatchObject({ status: 404 });
  });

  test('gets its errors typed: wrong key, bad body, spent window, error in a stream', async () => {
    const upstream = await start({ kind: 'unified', used: { '5h': 1 } });
    await expect(client(upstream, 'wrong').messages.create(question)).rejects.toBeInstanceOf(
      AuthenticationError,
    );
    await expect(client(upstream).messages.create({ ...question, messages: [] })).rejects.toBeInstanceOf(
      BadRequestError,
    );
    await expect(client(upstream).messages.create(question)).rejects.toMatchObject({
      status: 429,
      type: 'rate_limit_error',
    });
    const fresh = await start({ kind: 'unified' });
    fresh.fail({ fault: 'error-mid-stream' });
    const stream = client(fresh).messages.stream(question);
    await expect(stream.finalMessage()).rejects.toMatchObject({ type: 'overloaded_error' });
    await expect(stream.finalMessage()).rejects.toBeInstanceOf(APIError);
  });
});

describe('quota', () => {
  test('a plan window runs out by the tokens served and comes back at its reset', async () => {
    const clock = createFakeClock();
    const upstream = await start(
      { kind: 'unified', quota: { '5h': 300, '7d': 100_000 } },
      { clock, reply: fixedReply('Enough.', 100) },
    );
    const statuses: (number | null)[] = [];
    for (let n = 0; n < 4; n += 1) statuses.push((await ask(upstream)).status);
    expect(statuses).toEqual([200, 200, 200, 429]);
    const refused = await ask(upstream);
    expect(refused.response?.header('anthropic-ratelimit-unified-representative-claim')).toBe('five_hour');
    expect(refused.response?.header('retry-after')).toBe('18000');
    const { windows, served, refused: refusals } = upstream.truth().work!;
    expect([served, refusals, windows[0]!.status, windows[1]!.status]).toEqual([3, 2, 'rejected', 'allowed']);

    clock.advance(5 * 3_600_000 - 1);
    expect((await ask(upstream)).status).toBe(429);
    clock.advance(1);
    const back = await ask(upstream);
    expect(back.status).toBe(200);
    expect(back.response?.header('anthropic-ratelimit-unified-status')).toBe('allowed');
    expect(upstream.truth().work!.windows[1]!.used).toBeGreaterThan(400);
  });

  test('an API key runs out of requests and of output tokens, and has both again after a minute', async () => {
    const clock = createFakeClock();
    const limits = { kind: 'classic' as const, quota: { requests: 3, 'output-tokens': 150 } };
    const upstream = await start(limits, { clock, reply: fixedReply('Enough.', 100) });
    const first = await ask(upstream);
    expect(first.response?.header('anthropic-ratelimit-requests-limit')).toBe('3');
    expect(first.response?.header('anthropic-ratelimit-requests-remaining')).toBe('2');
    expect(first.response?.header('anthropic-ratelimit-requests-reset')).toBe('2026-11-22T03:01:00Z');
    await ask(upstream);
    const refused = await ask(upstream);
    expect([refused.status, refused.response?.header('retry-after')]).toEqual([429, '60']);
    expect(refused.response?.header('anthropic-ratelimit-output-tokens-remaining')).toBe('0');
    clock.advance(60_000);
    expect((await ask(upstream)).status).toBe(200);
  });

  test('an account takes a second key when its owner gives it one, and an unknown account none', async () => {
    const upstream = await start({ kind: 'none' });
    expect((await ask(upstream, question, 'key-anew')).status).toBe(401);
    upstream.accept('work', 'key-anew');
    expect((await ask(upstream, question, 'key-anew')).status).toBe(200);
    expect(() => upstream.accept('nobody', 'key')).toThrow('no account nobody');
  });

  test('a window scoped to a model refuses that model alone, and shows on its answers alone', async () => {
    const upstream = await start({ kind: 'unified', quota: { '7d_oi': 10 }, used: { '7d_oi': 1 } });
    const scoped = await ask(upstream, { ...question, model: 'claude-fable-5-1' });
    expect(scoped.status).toBe(429);
    expect(scoped.response?.header('anthropic-ratelimit-unified-7d_oi-status')).toBe('rejected');
    expect(scoped.response?.header('anthropic-ratelimit-unified-5h-status')).toBe('allowed');
    const other = await ask(upstream);
    expect(other.status).toBe(200);
    expect(other.response?.header('anthropic-ratelimit-unified-7d_oi-status')).toBeUndefined();
  });

  test('at a speed of 3600 the five hours are over after five seconds', async () => {
    const clock = createFakeClock();
    const upstream = await start({ kind: 'unified', quota: { '5h': 10 } }, { clock, speed: 3600 });
    expect((await ask(upstream)).status).toBe(200);
    clock.advance(4999);
    expect((await ask(upstream)).response?.header('retry-after')).toBe('4');
    clock.advance(1);
    expect((await ask(upstream)).status).toBe(200);
    expect(upstream.clock.now()).toBe(clock.now() + 3599 * 5000);
  });

  test('counting tokens, models and refused requests cost nothing and carry no limit headers', async () => {
    const upstream = await start({ kind: 'unified' });
    await client(upstream).models.list();
    const { max_tokens: _, ...countable } = question;
    const counted = await client(upstream).messages.countTokens(countable).withResponse();
    expect(counted.response.headers.get('anthropic-ratelimit-unified-status')).toBeNull();
    expect(counted.response.headers.get('anthropic-organization-id')).toMatch(/^[0-9a-f-]{36}$/);
    expect((await ask(upstream, { model: 'x' })).status).toBe(400);
    expect(upstream.truth().work!.windows.map(({ used }) => used)).toEqual([0, 0]);
  });

  test('a client that leaves in mid-stream has paid for what was made, not for more', async () => {
    const upstream = await start({ kind: 'unified' }, { reply: fixedReply('word '.repeat(500)) });
    upstream.fail({ fault: 'stall-mid-body', after: 100 });
    const connection = await connectRaw(upstream.port);
    const body = JSON.stringify({ ...question, stream: true });
    await connection.send(
      requestBytes('POST', '/v1/messages', { host: 'x', authorization: 'Bearer key-work' }, body),
    );
    await connection.until('content_block_delta');
    connection.reset();
    expect((await upstream.awaitClose()).end).toBe('client-left');
    const { output } = upstream.truth().work!.usage;
    expect(output).toBeGreaterThan(0);
    expect(output).toBeLessThan(625);
  });
});

describe('the prompt cache', () => {
  const cached = (text: string, ttl?: '1h') => ({
    ...question,
    system: [
      {
        type: 'text' as const,
        text: 'rules '.repeat(400),
        cache_control:
          ttl === undefined ? { type: 'ephemeral' as const } : { type: 'ephemeral' as const, ttl },
      },
    ],
    messages: [{ role: 'user' as const, content: text }],
  });

  test('is written once, read while warm, and forgotten after its lifetime', async () => {
    const clock = createFakeClock();
    const upstream = await start({ kind: 'unified' }, { clock });
    const sdk = client(upstream);
    const first = (await sdk.messages.create(cached('one'))).usage;
    expect(first.cache_creation_input_tokens).toBeGreaterThan(500);
    expect(first.cache_read_input_tokens).toBe(0);
    clock.advance(299_000);
    const second = (await sdk.messages.create(cached('two'))).usage;
    expect(second.cache_read_input_tokens).toBe(first.cache_creation_input_tokens);
    expect(second.cache_creation_input_tokens).toBe(0);
    clock.advance(300_000);
    const third = (await sdk.messages.create(cached('three'))).usage;
    expect(third.cache_read_input_tokens).toBe(0);
    const hour = (await sdk.messages.create({ ...cached('four', '1h'), model: 'claude-sonnet-5-5' })).usage;
    expect(hour.cache_creation?.ephemeral_1h_input_tokens).toBe(first.cache_creation_input_tokens);
  });

  test('belongs to one account', async () => {
    const accounts = ['a', 'b'].map((name) => ({ name, key: name, limits: { kind: 'none' as const } }));
    const upstream = await start({ kind: 'none' }, { accounts });
    await client(upstream, 'a').messages.create(cached('one'));
    const { usage } = await client(upstream, 'b').messages.create(cached('one'));
    expect(usage.cache_read_input_tokens).toBe(0);
  });
});
