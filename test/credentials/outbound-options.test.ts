import got from 'got';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { makeCertificate } from '../../source/commands/make-certificate.ts';
import { outboundOptions } from '../../source/credentials/outbound-options.ts';
import { asEpoch } from '../../source/shared/types.ts';
import { startTlsUpstream } from '../kit/tls-upstream.ts';
import { startWebhookReceiver } from '../kit/webhook-receiver.ts';

const limits = { timeoutMs: 15_000, mostReachMs: 5000 };

describe('a question of ours', () => {
  test.each([200, 301, 307, 404, 429, 500, 503])(
    'has one answer, %i, which is no error, is not asked for again, and leads nowhere else',
    async (status) => {
      const receiver = await startWebhookReceiver();
      onTestFinished(() => receiver.close());
      receiver.answer(status);
      const answer = await got.post(receiver.url, {
        ...(await outboundOptions(receiver.url, {}, limits)),
        json: {},
      });
      expect([answer.statusCode, receiver.calls.length]).toEqual([status, 1]);
    },
  );

  test('is not put to a stranger, though the environment waives the check of certificates', async () => {
    const now = asEpoch(Date.now() - 3_600_000);
    const there = await startTlsUpstream(
      await makeCertificate({ hosts: ['localhost'], days: 30, now }),
      Buffer.from('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n'),
    );
    vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0');
    onTestFinished(() => void vi.unstubAllEnvs());
    const url = `https://localhost:${there.port}/`;
    const asked = got.post(url, { ...(await outboundOptions(url, {}, limits)), json: { marker: 1 } });
    await expect(asked).rejects.toMatchObject({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
    expect(there.received.join('')).toBe('');
  });

  test.each([
    [30_000, 10_000, 10_000],
    [3000, 10_000, 3000],
  ])('of %i ms has at most %i of them to reach anybody: %i', async (timeoutMs, mostReachMs, reachMs) => {
    const { timeout } = await outboundOptions('http://127.0.0.1/', {}, { timeoutMs, mostReachMs });
    expect(timeout).toEqual({ request: timeoutMs, lookup: reachMs, connect: reachMs });
  });

  test('is not put at all where the way that is named cannot be one', async () => {
    const asked = outboundOptions('https://platform.example/', { HTTPS_PROXY: 'gopher://x' }, limits);
    await expect(asked).rejects.toThrow('HTTPS_PROXY names no proxy that can be used');
  });
});
