import type { Environment } from '../shared/environment.ts';
import { systemCode } from '../shared/system-code.ts';
import { outboundOptions } from './outbound-options.ts';
import { noWayIn } from './tunnel-agent.ts';

// The URL of a webhook is a credential: whoever knows it may speak there. So it is told nobody, in no error and no log.

/** What came of one try: null = it was taken; else why not, and whether another try could end better. */
export type WebhookFailure = { reason: string; final: boolean } | null;

/** Sends the value as JSON, once. Never rejects. */
export type PostWebhook = (url: string, body: unknown, signal: AbortSignal) => Promise<WebhookFailure>;

/** Says no more than whether it was taken: what a server says beyond that is not read. */
const statusFailure = (status: number): WebhookFailure => {
  if (status >= 200 && status < 300) return null;
  const final = status < 500 && status !== 408 && status !== 425 && status !== 429;
  return { reason: `it answers ${status}`, final };
};

/** One try takes at most `timeoutMs`, follows no redirect, and goes by the company's proxy as the traffic does. */
export const createPostWebhook = ({
  timeoutMs = 10_000,
  env = process.env,
}: { timeoutMs?: number; env?: Environment } = {}): PostWebhook => {
  const limits = { timeoutMs, mostReachMs: 5000 };
  return async (url, body, signal) => {
    try {
      const [{ default: got }, options] = await Promise.all([
        import('got'),
        outboundOptions(url, env, limits),
      ]);
      const answer = await new Promise<number>((resolve, reject) => {
        const headers = { 'user-agent': 'ccr-tui' };
        const asked = got.stream.post(url, { ...options, json: body, headers, signal });
        asked.once('error', reject);
        asked.once('response', ({ statusCode }: { statusCode: number }) => {
          resolve(statusCode);
          asked.destroy();
        });
        asked.resume();
      });
      return statusFailure(answer);
    } catch (error) {
      const reason = noWayIn(error)?.message ?? `it cannot be reached (${systemCode(error)})`;
      return { reason, final: false };
    }
  };
};
