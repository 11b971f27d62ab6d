// `npm run bench`: what the proxy costs, as ratios against a bare node:http proxy and nginx in the same run.
// Every figure is CPU time of the target's process and all its threads, or what is said beside it. Linux only.
// Exit code 1 when a figure misses its goal. `--quick`: short rounds; `--only=TEXT`: the cases whose name contains it.

import { cpuMs, residentMb } from './process-cpu.ts';
import { load, type LoadOptions } from './load.ts';
import { startBare, startCcr, startNginx, startUpstream, type Target } from './targets.ts';
import { median } from '../kit/median.ts';

const quick = process.argv.includes('--quick');
const rounds = quick ? 1 : 3;
const seconds = quick ? 1 : 2;

const small = Buffer.from(
  JSON.stringify({
    model: 'claude-sonnet-5-5',
    max_tokens: 100,
    messages: [{ role: 'user', content: 'z'.repeat(900) }],
  }),
);
const megabyte = Buffer.from(
  JSON.stringify({
    model: 'claude-sonnet-5-5',
    max_tokens: 100,
    messages: Array.from({ length: 64 }, () => ({ role: 'user', content: 'say "hello"\n'.repeat(1_365) })),
  }),
);

type Case = Omit<LoadOptions, 'port'> & {
  goal: number;
  name: string;
  per: 'requests' | 'chunks' | 'megabytes';
  unit: string;
};

const only = process.argv.find((argument) => argument.startsWith('--only='))?.slice(7) ?? '';

const allCases: Case[] = [
  {
    name: 'small request',
    per: 'requests',
    goal: 1.25,
    unit: 'µs',
    path: '/v1/messages',
    body: small,
    concurrency: 16,
    forMs: seconds * 1000,
  },
  {
    name: 'paced SSE chunk, 100 streams',
    per: 'chunks',
    goal: 1.25,
    unit: 'µs',
    path: '/v1/messages?stream=300,20',
    body: small,
    concurrency: 100,
    forMs: seconds * 1000,
  },
  {
    name: 'back-to-back SSE chunk',
    per: 'chunks',
    goal: 1.25,
    unit: 'µs',
    path: '/v1/messages?stream=5000,0',
    body: small,
    concurrency: 8,
    forMs: seconds * 1000,
  },
  {
    name: 'request body of 1 MB',
    per: 'megabytes',
    goal: 3,
    unit: 'ms',
    path: '/v1/messages',
    body: megabyte,
    concurrency: 4,
    forMs: seconds * 1000,
  },
];

const cases = allCases.filter(({ name }) => name.includes(only));

const scale = { requests: 1000, chunks: 1000, megabytes: 1 } as const;

/** CPU of one case on one target, in the case's unit. */
const measure = async (
  target: Target,
  { per, ...options }: Case,
): Promise<{ cost: number; p99Ms: number }> => {
  const before = cpuMs(target.pid);
  const result = await load({ ...options, port: target.port });
  const cpu = cpuMs(target.pid) - before;
  if (result.failed > 0)
    throw new Error(`${target.name}: ${result.failed} of ${result.requests} requests failed`);
  const count = {
    requests: result.requests,
    chunks: result.chunks,
    megabytes: (result.requests * options.body.length) / 1e6,
  }[per];
  return { cost: (cpu * scale[per]) / count, p99Ms: result.p99Ms };
};

const print = (...cells: (string | number)[]): void => {
  const texts = cells.map((cell, i) =>
    typeof cell === 'number' ? cell.toFixed(2).padStart(16) : i === 0 ? cell.padEnd(30) : cell.padStart(16),
  );
  process.stdout.write(`${texts.join('')}\n`);
};

const missed: string[] = [];
const goal = (name: string, value: number, limit: number, unit: string): void => {
  const ok = value <= limit;
  if (!ok) missed.push(name);
  process.stdout.write(
    `${ok ? 'ok    ' : 'MISSED'} ${name}: ${value.toFixed(2)} ${unit} (goal ≤ ${limit})\n`,
  );
};

/** Streams that are open at the same moment, each of which must go on to its end. */
const manyStreams = (target: Target, concurrency: number): Promise<{ failed: number; chunks: number }> =>
  load({
    port: target.port,
    path: '/v1/messages?stream=50,40',
    body: small,
    concurrency,
    forMs: 60_000,
    requests: concurrency,
  });

const startTimes = async (upstream: number): Promise<number[]> => {
  const times: number[] = [];
  for (let n = 0; n < (quick ? 3 : 9); n += 1) {
    const target = await startCcr(upstream);
    times.push(target.startMs);
    await target.stop();
  }
  return times;
};

const main = async (): Promise<void> => {
  const upstream = await startUpstream();
  const starts = await startTimes(upstream.port);
  const targets = [
    await startBare(upstream.port),
    await startCcr(upstream.port),
    await startNginx(upstream.port),
  ].filter((t) => t !== null);
  const ccr = targets.find(({ name }) => name === 'ccr-tui') as Target;
  await new Promise((resolve) => setTimeout(resolve, 2000));
  const idleMb = residentMb(ccr.pid);
  if (targets.length < 3) process.stdout.write('nginx is not installed: its column is left out\n');
  // Until node has compiled what runs often: a proxy with more code takes longer, once (measured: 10 s of small requests).
  for (const target of targets)
    for (const one of cases) await load({ ...one, port: target.port, forMs: quick ? 2000 : 8000 });
  print('CPU per', ...targets.map(({ name }) => name), 'ccr/bare', 'ccr/nginx');
  const ratios: Record<string, number> = {};
  const added: Record<string, number> = {};
  for (const one of cases) {
    const samples = new Map<string, number[]>(targets.map(({ name }) => [name, []]));
    for (let round = 0; round < rounds; round += 1) {
      for (const target of targets) samples.get(target.name)?.push((await measure(target, one)).cost);
    }
    const cost = (name: string): number => median(samples.get(name) ?? []);
    ratios[one.name] = cost('ccr-tui') / cost('bare node:http');
    added[one.name] = cost('ccr-tui') - cost('bare node:http');
    print(
      `${one.name} (${one.unit})`,
      ...targets.map(({ name }) => cost(name)),
      ratios[one.name] ?? 0,
      cost('ccr-tui') / cost('nginx'),
    );
  }
  const streams = await manyStreams(ccr, 300);
  process.stdout.write('\n');
  goal('start until serve accepts, p50', median(starts), 300, 'ms');
  goal('idle memory of serve', idleMb, 110, 'MB');
  for (const { name, goal: limit, per } of cases) {
    if (per === 'megabytes') goal(`${name}, added to bare node:http`, added[name] ?? 9, limit, 'ms per MB');
    else goal(`${name}, against bare node:http`, ratios[name] ?? 9, limit, 'x');
  }
  goal('300 streams at once, of which broke', streams.failed, 0, '');
  for (const target of [...targets, upstream]) await target.stop();
  process.exitCode = missed.length === 0 ? 0 : 1;
};

await main();
