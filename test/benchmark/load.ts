import { Agent, request as httpRequest } from 'node:http';

export type LoadResult = {
  requests: number;
  chunks: number;
  bytes: number;
  failed: number;
  p50Ms: number;
  p99Ms: number;
};

export type LoadOptions = {
  port: number;
  path: string;
  body: Buffer;
  concurrency: number;
  /** Ends after so many milliseconds, or after `requests` requests when that is given. */
  forMs: number;
  requests?: number;
};

const deltas = /content_block_delta/g;

type Answer = { ok: boolean; chunks: number; bytes: number };

const ask = (agent: Agent, { port, path, body }: LoadOptions): Promise<Answer> =>
  new Promise((resolve) => {
    const answer = { ok: false, chunks: 0, bytes: 0 };
    const done = (): void => resolve(answer);
    const headers = {
      'content-type': 'application/json',
      'content-length': body.length,
      authorization: 'Bearer bench',
    };
    const request = httpRequest(
      { agent, port, host: '127.0.0.1', method: 'POST', path, headers },
      (response) => {
        response.on('data', (chunk: Buffer) => {
          answer.bytes += chunk.length;
          // An event stream names each delta twice: in its event line and in its data.
          if (path.includes('stream='))
            answer.chunks += (chunk.toString('latin1').match(deltas)?.length ?? 0) / 2;
        });
        response.on('end', () => {
          answer.ok = response.statusCode === 200;
          done();
        });
        response.on('error', done);
      },
    );
    request.on('error', done);
    request.end(body);
  });

/** Sends requests from `concurrency` loops, each over its own kept connection. */
export const load = async (options: LoadOptions): Promise<LoadResult> => {
  const agent = new Agent({ keepAlive: true, maxSockets: options.concurrency });
  const result = { requests: 0, chunks: 0, bytes: 0, failed: 0 };
  const times: number[] = [];
  const ends = performance.now() + options.forMs;
  let left = options.requests ?? Number.POSITIVE_INFINITY;
  const loop = async (): Promise<void> => {
    while (left > 0 && performance.now() < ends) {
      left -= 1;
      const started = performance.now();
      const answer = await ask(agent, options);
      times.push(performance.now() - started);
      result.requests += 1;
      result.chunks += answer.chunks;
      result.bytes += answer.bytes;
      if (!answer.ok) result.failed += 1;
    }
  };
  await Promise.all(Array.from({ length: options.concurrency }, loop));
  agent.destroy();
  times.sort((a, b) => a - b);
  const at = (share: number): number =>
    times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0;
  return { ...result, p50Ms: at(0.5), p99Ms: at(0.99) };
};
