import { Agent, request as httpRequest } from 'node:http';

// Sends small requests at a steady rate, whether or not the earlier ones were answered, and prints what they took:
//   paced-load.ts PORT RATE SECONDS
// A process of its own, so that measuring one thing does not slow down the measuring of another.

const [port, rate, seconds] = process.argv.slice(2).map(Number) as [number, number, number];
const agent = new Agent({ keepAlive: true, maxSockets: 64 });
const total = Math.round(rate * seconds);
const times: number[] = [];
let sent = 0;
let failed = 0;

const body = (session: number): Buffer =>
  Buffer.from(
    JSON.stringify({
      model: 'claude-sonnet-5-5',
      max_tokens: 100,
      metadata: { user_id: JSON.stringify({ session_id: `bench-${session}` }) },
      messages: [{ role: 'user', content: 'z'.repeat(600) }],
    }),
  );
const bodies = Array.from({ length: 16 }, (_, session) => body(session));

const ask = (n: number): Promise<void> =>
  new Promise((resolve) => {
    const started = performance.now();
    const content = bodies[n % bodies.length] ?? Buffer.alloc(0);
    const headers = {
      'content-type': 'application/json',
      'content-length': content.length,
      authorization: 'Bearer bench',
    };
    const end = (ok: boolean): void => {
      if (ok) times.push(performance.now() - started);
      else failed += 1;
      resolve();
    };
    const request = httpRequest(
      { agent, port, host: '127.0.0.1', method: 'POST', path: '/v1/messages?limits', headers },
      (response) => {
        response.resume();
        response.on('end', () => end(response.statusCode === 200));
        response.on('error', () => end(false));
      },
    );
    request.on('error', () => end(false));
    request.end(content);
  });

const running: Promise<void>[] = [];
const began = performance.now();
await new Promise<void>((resolve) => {
  const timer = setInterval(() => {
    const due = Math.min(total, Math.floor(((performance.now() - began) / 1000) * rate));
    for (; sent < due; sent += 1) running.push(ask(sent));
    if (sent < total) return;
    clearInterval(timer);
    resolve();
  }, 2);
});
await Promise.all(running);
agent.destroy();
times.sort((a, b) => a - b);
const at = (share: number): number =>
  times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0;
process.stdout.write(`${JSON.stringify({ requests: total, failed, p50Ms: at(0.5), p99Ms: at(0.99) })}\n`);
