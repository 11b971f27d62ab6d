import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Arrival } from '../../source/demo/arrivals.ts';
import { fixedReply } from '../../source/demo/replies.ts';
import { startTraffic, type Traffic } from '../../source/demo/traffic.ts';
import { startUpstream, type Upstream } from '../../source/demo/upstream.ts';

// The people ask the simulated provider itself here, with the key they show the proxy.
let upstream: Upstream;
let traffic: Traffic | null = null;
beforeEach(async () => {
  upstream = await startUpstream({
    accounts: [{ name: 'only', key: 'demo', limits: { kind: 'none' } }],
    reply: fixedReply('Yes.'),
  });
});
afterEach(async () => {
  await traffic?.close();
  await upstream.close();
});

const start = (seed = 1): Traffic => {
  traffic = startTraffic({ url: upstream.url, seed, fail: () => () => undefined, signIn: () => undefined });
  return traffic;
};

const header = ({ rawHeaders }: Arrival, name: string): string | null => {
  const index = rawHeaders.findIndex((each, n) => n % 2 === 0 && each.toLowerCase() === name);
  return index === -1 ? null : (rawHeaders[index + 1] ?? null);
};

const isFirstOf =
  (sessions: Set<string | null>) =>
  (arrival: Arrival): boolean =>
    !sessions.has(header(arrival, 'x-claude-code-session-id'));

describe('the traffic', () => {
  test('begins with a conversation in every seat, and all of it is understood', async () => {
    start();
    const sessions = new Set<string | null>();
    for (let n = 0; n < 4; n += 1) {
      const arrival = await upstream.awaitClose(isFirstOf(sessions));
      sessions.add(header(arrival, 'x-claude-code-session-id'));
    }
    expect(sessions.size).toBe(4);
    expect(sessions).toContain(null);
    expect(upstream.requests.filter(({ status, end }) => end === 'sent' && status !== 200)).toEqual([]);
  });

  test('goes on with a conversation after its answer', async () => {
    start();
    const first = await upstream.awaitClose((arrival) => header(arrival, 'x-app') === 'cli');
    const session = header(first, 'x-claude-code-session-id');
    const second = await upstream.awaitClose(
      (arrival) =>
        arrival.seq > first.seq &&
        arrival.path.startsWith('/v1/messages?') &&
        header(arrival, 'x-claude-code-session-id') === session &&
        header(arrival, 'x-claude-code-agent-id') === null,
    );
    expect(second.bodyLength).toBeGreaterThan(first.bodyLength);
  });

  test('asks again after a refusal, with a pause', async () => {
    upstream.fail({ fault: 'overloaded', times: 1 });
    start();
    const refused = await upstream.awaitClose(({ status }) => status === 529);
    const again = await upstream.awaitClose(
      ({ seq, bodySha256 }) => seq > refused.seq && bodySha256 === refused.bodySha256,
    );
    expect(again.status).toBe(200);
    expect(again.at - refused.at).toBeGreaterThanOrEqual(490);
  });

  test('stops asking when it is stopped, and hangs up when it is closed', async () => {
    upstream.fail({ fault: 'stall-mid-body', after: 1 });
    const running = start();
    await upstream.awaitRequest(({ path }) => path.startsWith('/v1/messages?'));
    running.stop();
    await running.close();
    await expect.poll(() => upstream.requests.every(({ end }) => end !== null)).toBe(true);
    expect(upstream.requests.length).toBeGreaterThan(0);
    expect(upstream.requests.some(({ end }) => end === 'client-left')).toBe(true);
    await expect.poll(() => upstream.connections()).toBe(0);
  });
});
