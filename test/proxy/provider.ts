import type { RawConnection } from '../kit/raw-connection.ts';
import { startRawUpstream } from '../kit/raw-upstream.ts';
import { connectRaw } from '../kit/raw-client.ts';
import { answerBytes, askBytes, ending, type TestProxy } from './start-proxy.ts';

/** A provider whose every answer the test decides, and which requests it got, by a mark in their body. */
export type Provider = {
  url: string;
  /** Marks in the order of arrival, with the key that came. */
  asked: { mark: string; key: string }[];
  /** What it answers from now on; one that is a promise is awaited. */
  answer: (mark: string, key: string) => Buffer | Promise<Buffer>;
  /** Settles when so many requests have come. */
  arrived(count: number): Promise<void>;
};

export const fine = answerBytes(200, { 'content-type': 'application/json' }, '{"type":"message"}');

const window = (status: string, resetMs: number): Record<string, string> => ({
  'anthropic-ratelimit-unified-5h-status': status,
  'anthropic-ratelimit-unified-5h-utilization': status === 'rejected' ? '1.0' : '0.4',
  'anthropic-ratelimit-unified-5h-reset': String(resetMs / 1000),
});

/** A 429 of a window that is spent until then. */
export const spent = (
  resetMs: number,
  body = '{"type":"error","error":{"type":"rate_limit_error"}}',
): Buffer => answerBytes(429, { ...window('rejected', resetMs), 'content-type': 'application/json' }, body);

/** A 429 that asks for a break although the window has room. */
export const pace = (seconds: number, resetMs: number): Buffer =>
  answerBytes(429, { ...window('allowed', resetMs), 'retry-after': String(seconds) }, '{"type":"error"}');

export const marked = (mark: string): string => JSON.stringify({ model: 'claude-opus-5-5', mark });

/** Sends a request with that mark, on a connection of its own. */
export const send = async (
  proxy: TestProxy,
  mark: string,
  headers: Record<string, string> = {},
): Promise<RawConnection> => {
  const client = await connectRaw(proxy.port);
  await client.send(askBytes(proxy, { headers, body: marked(mark) }));
  return client;
};

/** Sends it and waits until it is held. */
export const hold = async (proxy: TestProxy, mark: string, headers = {}): Promise<RawConnection> => {
  const before = proxy.eventsOf('requestHeld').length;
  const client = await send(proxy, mark, headers);
  await proxy.awaitEvent('requestHeld', () => proxy.eventsOf('requestHeld').length > before);
  return client;
};

export const startProvider = async (): Promise<Provider> => {
  const waiting = new Set<() => void>();
  const serve = async (connection: RawConnection): Promise<void> => {
    for (;;) {
      const { body, header } = await connection.message(60_000);
      const mark = /"mark":"(\w+)"/.exec(String(body))?.[1] ?? '';
      const key = header('x-api-key') ?? '';
      provider.asked.push({ mark, key });
      for (const look of waiting) look();
      await connection.send(await provider.answer(mark, key));
    }
  };
  const upstream = ending(
    await startRawUpstream(async (connection) => {
      // What ends the connection ends the script with it.
      await serve(connection).catch(() => connection.end());
    }),
  );
  const provider: Provider = {
    url: upstream.url,
    asked: [],
    answer: () => fine,
    arrived(count) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const look = (): void => {
        if (provider.asked.length < count) return;
        waiting.delete(look);
        resolve();
      };
      waiting.add(look);
      look();
      return promise;
    },
  };
  return provider;
};
