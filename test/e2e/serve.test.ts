import { APIUserAbortError, PermissionDeniedError, RateLimitError } from '@anthropic-ai/sdk';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Limits } from '../../source/demo/limits.ts';
import { readLimits } from '../../source/history/limit-rows.ts';
import { withDatabase } from '../history/rows.ts';
import { ask, sdkFor, unlimited, until, useWorld } from './world.ts';

const world = useWorld();
const plan: Limits = { kind: 'unified' };
const iso = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);

/** The rows that are on disk, once there are so many. */
const rows = (count: number) =>
  until(
    () => world.json(['history']),
    (found) => found.length >= count,
  );

describe('the real SDK through serve', () => {
  it('gets a whole answer and a streamed one, and the rows say what the provider counted', async () => {
    const upstream = await world.provider({ work: plan });
    await world.add('work', upstream);
    const { url } = await world.serve();
    const sdk = sdkFor(url);

    const whole = await sdk.messages.create(ask('one')).withResponse();
    const stream = sdk.messages.stream(ask('two'));
    const streamed = await stream.finalMessage();
    expect(whole.data.content[0]).toMatchObject({ type: 'text', text: expect.stringMatching(/\w/) });
    expect(streamed.content[0]).toMatchObject({ type: 'text', text: expect.stringMatching(/\w/) });
    expect(whole.response.headers.get('x-ccr-account')).toBe('work');
    expect(whole.response.headers.get('x-ccr-attempts')).toBe('1');

    const [first, second] = await rows(2);
    expect(first?.['id']).toBe(whole.response.headers.get('x-ccr-request-id'));
    const { usage, served } = upstream.truth()['work']!;
    expect(served).toBe(2);
    const tokens = [first, second].map((row) => row?.['tokens'] as Record<string, number>);
    expect({
      input: tokens[0]!['input']! + tokens[1]!['input']!,
      output: tokens[0]!['output']! + tokens[1]!['output']!,
      cacheRead: tokens[0]!['cacheRead']! + tokens[1]!['cacheRead']!,
      cacheWrite5m: tokens[0]!['cacheWrite5m']! + tokens[1]!['cacheWrite5m']!,
      cacheWrite1h: tokens[0]!['cacheWrite1h']! + tokens[1]!['cacheWrite1h']!,
    }).toEqual(usage);
    expect(first).toMatchObject({ stream: false, outcome: 'ok', stopReason: whole.data.stop_reason });
    expect(second).toMatchObject({ stream: true, outcome: 'ok', stopReason: streamed.stop_reason });
    expect(first?.['upstreamRequestId']).toBe(whole.request_id);
    const limits = withDatabase(join(world.home, 'history.sqlite'), (database) => readLimits(database, 0));
    const [{ accounts }] = (await world.json(['status'])) as [{ accounts: { windows: { id: string }[] }[] }];
    const windows = accounts[0]?.windows.map(({ id }) => id);
    expect(windows).not.toEqual([]);
    expect(new Set(limits.map(({ window }) => window))).toEqual(new Set(windows));
  });

  it('leaves: the provider sees it go, the row says aborted', async () => {
    const upstream = await world.provider({ work: plan });
    await world.add('work', upstream);
    const { url } = await world.serve();
    upstream.fail({ fault: 'stall-mid-body', account: 'work' });
    const stream = sdkFor(url).messages.stream(ask('leave'));
    // Without a listener the SDK reports the abort as an unhandled rejection.
    const ended = stream.finalMessage().catch((error: unknown) => error);
    await new Promise<void>((resolve) => void stream.once('streamEvent', () => resolve()));
    stream.abort();
    expect(await ended).toBeInstanceOf(APIUserAbortError);
    expect(await upstream.awaitClose()).toMatchObject({ end: 'client-left' });
    const [row] = await rows(1);
    expect(row).toMatchObject({ outcome: 'aborted', account: 'work', stopReason: null, error: null });
    expect(await world.json(['status'])).toMatchObject([{ inFlight: 0, accounts: [{ inFlight: 0 }] }]);
  });

  it('retries by itself what the proxy passes on, and then succeeds', async () => {
    const upstream = await world.provider({ work: plan });
    await world.add('work', upstream);
    const { url } = await world.serve();
    // The proxy asks once more in its place.
    upstream.fail({ fault: 'overloaded', times: 2 });
    const { response } = await sdkFor(url, { maxRetries: 2 }).messages.create(ask('again')).withResponse();
    expect(response.status).toBe(200);
    const [refused, served] = await rows(2);
    expect(refused).toMatchObject({ status: 529, outcome: 'error', account: 'work' });
    expect(served).toMatchObject({ status: 200, outcome: 'ok', account: 'work' });
  });

  it('gets the error body of the provider byte for byte, as the SDK error of its status', async () => {
    const upstream = await world.provider({ work: plan });
    await world.add('work', upstream);
    const { url } = await world.serve();
    upstream.fail({ fault: 'forbidden' });
    const error = await sdkFor(url)
      .messages.create(ask('no'))
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(PermissionDeniedError);
    expect((error as PermissionDeniedError).error).toMatchObject({
      type: 'error',
      error: { type: 'permission_error', message: 'This credential may not use this model.' },
    });
  });
});

describe('two accounts', () => {
  it('keeps a conversation where it is and gives other work to the other account', async () => {
    const upstream = await world.provider({ work: plan, home: plan });
    await world.add('work', upstream);
    await world.add('home', upstream);
    const { url } = await world.serve();
    const sdk = sdkFor(url);
    const accountOf = async (session: string): Promise<string | null> => {
      const { response } = await sdk.messages.create(ask('turn', session)).withResponse();
      return response.headers.get('x-ccr-account');
    };
    const one = await accountOf('conversation-1');
    const two = await accountOf('conversation-2');
    expect(new Set([one, two])).toEqual(new Set(['home', 'work']));
    for (let turn = 0; turn < 3; turn += 1) {
      expect(await accountOf('conversation-1')).toBe(one);
      expect(await accountOf('conversation-2')).toBe(two);
    }
    const found = await rows(8);
    expect(found.map((row) => row['session'])).toContain('conversation-1');
    expect(found.at(-1)).toMatchObject({ decision: { strategy: 'sticky', affinity: 'warm' } });
    expect(upstream.truth()).toMatchObject({ work: { served: 4 }, home: { served: 4 } });
  });

  it('fails over on a spent window, moves the conversation, and counts the window down', async () => {
    const spent: Limits = { kind: 'unified', used: { '5h': 1 } };
    const upstream = await world.provider({ first: spent, second: plan });
    await world.add('first', upstream, '--priority', '1');
    await world.add('second', upstream, '--priority', '2');
    const { url } = await world.serve();
    const { response } = await sdkFor(url).messages.create(ask('hello', 'moves')).withResponse();
    expect(response.status).toBe(200);
    expect(response.headers.get('x-ccr-account')).toBe('second');
    expect(response.headers.get('x-ccr-attempts')).toBe('2');

    const again = await sdkFor(url).messages.create(ask('hello', 'moves')).withResponse();
    expect(again.response.headers.get('x-ccr-attempts')).toBe('1');
    expect(upstream.truth()).toMatchObject({ first: { served: 0, refused: 1 }, second: { served: 2 } });

    const [row] = await rows(2);
    expect(row).toMatchObject({
      account: 'second',
      status: 200,
      mayHaveRunTwice: false,
      attempts: [
        { account: 'first', status: 429, verdict: 'limited', window: '5h', ms: expect.any(Number) },
        { account: 'second', status: 200, verdict: 'forwarded', window: null, ms: expect.any(Number) },
      ],
    });
    const reset = upstream.truth()['first']!.windows.find(({ id }) => id === '5h')!.resetsAt;
    const resetsAt = new Date(Math.ceil(reset / 1000) * 1000).toISOString();
    const [status] = await world.json<{ accounts: { name: string }[] }>(['status']);
    expect(status!.accounts.find(({ name }) => name === 'first')).toMatchObject({
      state: 'limited',
      reason: expect.stringContaining('5h'),
      availableAt: resetsAt,
    });
    expect(status).toMatchObject({ ready: 1, totals: { requests: 2, errors: 0, retries: 1 } });
  });

  it('answers 429 with the provider’s own words when every window is spent', async () => {
    const spent: Limits = { kind: 'unified', used: { '5h': 1 } };
    const upstream = await world.provider({ one: spent, two: spent });
    await world.add('one', upstream);
    await world.add('two', upstream);
    const { url } = await world.serve();
    for (const text of ['first', 'second']) {
      const error = await sdkFor(url)
        .messages.create(ask(text))
        .catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(RateLimitError);
      const { headers } = error as { headers: Headers };
      expect(headers.get('x-should-retry')).toBe('false');
      expect(Number(headers.get('retry-after'))).toBeGreaterThan(60);
    }
    expect(upstream.truth()).toMatchObject({ one: { served: 0 }, two: { served: 0 } });
  });
});

describe('the shapes that scripts rely on', () => {
  it('status --json has the documented fields, and the truth of the provider in them', async () => {
    const upstream = await world.provider({ work: plan });
    await world.add('work', upstream);
    const { url, pid } = await world.serve();
    const [before] = await world.json<{ accounts: unknown[] }>(['status']);
    expect(before!.accounts).toMatchObject([{ windows: [], lastUsedAt: null, requests: 0, state: 'ready' }]);
    await sdkFor(url).messages.create(ask('count me'));
    await rows(1);

    const { windows, usage } = upstream.truth()['work']!;
    const [status] = await world.json(['status']);
    const account = {
      id: expect.stringMatching(/./),
      name: 'work',
      kind: 'api-key',
      provider: 'anthropic',
      plan: null,
      organization: null,
      baseUrl: upstream.url,
      state: 'ready',
      reason: null,
      availableAt: null,
      paused: false,
      priority: 200,
      weight: 1,
      caps: {},
      models: null,
      modelMap: null,
      preferred: false,
      overage: 'allow',
      onOverage: false,
      concurrent: null,
      inFlight: 0,
      requests: 1,
      lastUsedAt: iso,
      tokenExpiresAt: null,
      windows: windows.map((window) => ({
        id: window.id,
        scope: window.scope,
        utilization: Number(window.utilization.toFixed(2)),
        status: window.status,
        resetsAt: new Date(Math.ceil(window.resetsAt / 1000) * 1000).toISOString(),
        source: 'header',
        seenAt: iso,
        stale: false,
      })),
      forecast: {},
    };
    expect(status).toEqual({
      version: expect.stringMatching(/^\d+\.\d+\.\d+/),
      running: true,
      url,
      pid,
      uptimeMs: expect.any(Number),
      strategy: 'sticky',
      credentialStore: 'vault',
      ready: 1,
      inFlight: 0,
      history: { ok: true, reason: null },
      accounts: [account],
      budgets: [],
      capture: { mode: 'off', reason: null },
      pool: null,
      totals: {
        requests: 1,
        errors: 0,
        retries: 0,
        inputTokens: usage.input,
        outputTokens: usage.output,
        cacheReadTokens: usage.cacheRead,
        costUsd: expect.any(Number),
        listValueUsd: 0,
        unpricedRequests: 0,
      },
    });
    expect(await world.json(['account', 'list'])).toEqual([[account]]);
  });

  it('history --json has the documented fields, in their order, null for what is unknown', async () => {
    const upstream = await world.provider({ work: plan });
    await world.add('work', upstream);
    const { url } = await world.serve();
    const asked = Date.now();
    const { data } = await sdkFor(url).messages.create(ask('row', 'session-1')).withResponse();
    const answered = Date.now();
    const [row] = await rows(1);
    expect(row).toEqual({
      id: expect.stringMatching(/./),
      at: iso,
      method: 'POST',
      path: '/v1/messages',
      client: 'default',
      clientAddress: '127.0.0.1',
      agent: 'anthropic-sdk',
      session: 'session-1',
      project: null,
      model: 'claude-haiku-5-5',
      upstreamModel: data.model,
      account: 'work',
      status: 200,
      outcome: 'ok',
      stream: false,
      waitMs: 0,
      firstByteMs: expect.any(Number),
      totalMs: expect.any(Number),
      attempts: [
        { account: 'work', status: 200, verdict: 'forwarded', window: null, ms: expect.any(Number) },
      ],
      decision: {
        strategy: 'sticky',
        affinity: 'new',
        considered: [{ account: 'work', verdict: expect.stringMatching(/^chosen/) }],
        rewriteTokens: null,
        rewriteCostUsd: null,
      },
      tokens: {
        input: data.usage.input_tokens,
        output: data.usage.output_tokens,
        cacheRead: 0,
        cacheWrite5m: 0,
        cacheWrite1h: 0,
      },
      costUsd: expect.any(Number),
      costKind: 'cost',
      stopReason: data.stop_reason,
      upstreamRequestId: expect.stringMatching(/^req_/),
      mayHaveRunTwice: false,
      error: null,
    });
    const documented =
      'id at method path client clientAddress agent session project model upstreamModel account status outcome stream waitMs firstByteMs totalMs attempts decision tokens costUsd costKind stopReason upstreamRequestId mayHaveRunTwice error';
    expect(Object.keys(row!).join(' ')).toBe(documented);
    const at = Date.parse(row!['at'] as string);
    expect([at >= asked, at <= answered]).toEqual([true, true]);

    upstream.fail({ fault: 'reset-before-head' });
    await sdkFor(url)
      .messages.create({ ...ask('lost'), model: 'a-model-nobody-prices' })
      .catch(() => undefined);
    const [, failed] = await rows(2);
    const unknown = { input: null, output: null, cacheRead: null, cacheWrite5m: null, cacheWrite1h: null };
    expect(failed).toMatchObject({
      status: 502,
      tokens: unknown,
      costUsd: null,
      stopReason: null,
      upstreamRequestId: null,
      error: expect.stringMatching(/./),
    });
    expect((await world.json(['history', '--limit', '1'])).map((each) => each['id'])).toEqual([
      failed!['id'],
    ]);
  });
});

describe('changes while it serves', () => {
  it('take effect within a second: add, pause, resume, strategy, remove', async () => {
    const upstream = await world.provider({ work: unlimited, home: unlimited });
    const { url } = await world.serve();
    const status = async (): Promise<number> => {
      const { response } = await sdkFor(url).messages.create(ask('now')).withResponse();
      return response.status;
    };
    const refused = (): Promise<unknown> => status().catch((error: { status: number }) => error.status);

    expect(await refused()).toBe(503);
    await world.add('work', upstream);
    expect(await status()).toBe(200);

    expect(await world.run(['account', 'pause', 'work'])).toMatchObject({ code: 0 });
    expect(await refused()).toBe(503);
    expect(await world.json(['status'])).toMatchObject([
      { ready: 0, accounts: [{ name: 'work', paused: true, state: 'paused' }] },
    ]);
    expect(upstream.truth()).toMatchObject({ work: { served: 1 } });

    expect(await world.run(['account', 'resume', 'work'])).toMatchObject({ code: 0 });
    expect(await status()).toBe(200);

    expect(await world.run(['config', 'set', 'strategy', 'spread'])).toMatchObject({ code: 0 });
    expect(await status()).toBe(200);
    expect((await rows(5)).at(-1)).toMatchObject({ decision: { strategy: 'spread' } });
    expect(await world.json(['status'])).toMatchObject([{ strategy: 'spread' }]);

    await world.add('home', upstream);
    expect(await world.run(['account', 'remove', 'work'])).toMatchObject({ code: 0 });
    expect(await status()).toBe(200);
    expect(upstream.truth()).toMatchObject({ work: { served: 3 }, home: { served: 1 } });
    expect(await world.run(['account', 'remove', 'work'])).toMatchObject({ code: 3 });
  });
});
