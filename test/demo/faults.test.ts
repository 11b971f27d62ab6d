import { describe, expect, test } from 'vitest';
import { createFaultSwitch, faultAnswer, faults, type FaultName } from '../../source/demo/faults.ts';

const request = { account: 'work', path: '/v1/messages', stream: true };

describe('the fault switch', () => {
  test('hits the next so many requests, then none', () => {
    const faultSwitch = createFaultSwitch();
    faultSwitch.add({ fault: 'overloaded', times: 2 });
    const hits = [1, 2, 3].map(() => faultSwitch.take(request)?.fault ?? null);
    expect(hits).toEqual(['overloaded', 'overloaded', null]);
  });

  test('without a number it hits until it is cleared, and what waits for the clearing goes on', async () => {
    const faultSwitch = createFaultSwitch();
    const clear = faultSwitch.add({ fault: 'stall-before-head' });
    const hit = faultSwitch.take(request);
    expect(faultSwitch.take(request)?.fault).toBe('stall-before-head');
    clear();
    await hit?.cleared;
    expect(faultSwitch.take(request)).toBeNull();
  });

  test('keeps to its account and its path; the oldest fitting one wins', () => {
    const faultSwitch = createFaultSwitch();
    faultSwitch.add({ fault: 'forbidden', account: 'home' });
    faultSwitch.add({ fault: 'pace', path: '/v1/messages/count_tokens' });
    expect(faultSwitch.take(request)).toBeNull();
    expect(faultSwitch.take({ ...request, account: 'home' })?.fault).toBe('forbidden');
    expect(faultSwitch.take({ ...request, path: '/v1/messages/count_tokens' })?.fault).toBe('pace');
    faultSwitch.add({ fault: 'server-error' });
    expect(faultSwitch.take({ ...request, account: 'home' })?.fault).toBe('forbidden');
    expect(faultSwitch.take(request)?.fault).toBe('server-error');
  });

  test('a fault that only a stream can have waits for a stream', () => {
    const faultSwitch = createFaultSwitch();
    faultSwitch.add({ fault: 'no-message-stop', times: 1 });
    expect(faultSwitch.take({ ...request, stream: false })).toBeNull();
    expect(faultSwitch.take(request)?.fault).toBe('no-message-stop');
  });

  test('clears all at once', async () => {
    const faultSwitch = createFaultSwitch();
    faultSwitch.add({ fault: 'slow' });
    faultSwitch.add({ fault: 'garbage' });
    const hit = faultSwitch.take(request);
    faultSwitch.clear();
    await hit?.cleared;
    expect(faultSwitch.take(request)).toBeNull();
  });
});

test.each<[FaultName, number, string]>([
  ['unauthorized', 401, 'authentication_error'],
  ['forbidden', 403, 'permission_error'],
  ['pace', 429, 'rate_limit_error'],
  ['bare-429', 429, 'rate_limit_error'],
  ['server-error', 500, 'api_error'],
  ['unavailable', 503, 'api_error'],
  ['overloaded', 529, 'overloaded_error'],
])('%s answers %i %s', (fault, status, type) => {
  const plan = faults[fault];
  if (plan.phase !== 'answer') throw new Error(`${fault} has no answer`);
  const answer = faultAnswer({ fault, plan, cleared: Promise.resolve() }, 'req_1');
  expect(answer.status).toBe(status);
  expect(JSON.parse(answer.body)).toMatchObject({ type: 'error', error: { type }, request_id: 'req_1' });
  const retryAfter = answer.headers.find(([name]) => name === 'retry-after')?.[1];
  expect(retryAfter).toBe(fault === 'pace' ? '2' : undefined);
});

test('bad-gateway is the HTML page of a server in between', () => {
  const plan = faults['bad-gateway'];
  const answer = faultAnswer(
    { fault: 'bad-gateway', plan, cleared: Promise.resolve(), retryAfter: 7 },
    'req_1',
  );
  expect(answer.status).toBe(502);
  expect(answer.body).toContain('<html>');
  expect(answer.headers).toEqual([
    ['content-type', 'text/html'],
    ['retry-after', '7'],
  ]);
});
