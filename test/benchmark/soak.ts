// `npm run soak`: whether anything of a request stays behind. The real program, a million requests (`--requests=N`), of
// which every other one names a model of its own, 2 % are left by their client at a random moment and 2 % are reset by
// the provider; what is left of them after each tenth, when all is quiet (of fewer than 10,000: after each half). Exit
// code 1 when a figure misses its goal. Linux only.

import { readdirSync, rmSync } from 'node:fs';
import { Agent, request as httpRequest, type ClientRequest } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { seededRandom } from '../../source/shared/seeded-random.ts';
import { createHeapProbe } from './heap-probe.ts';
import { residentMb } from './process-cpu.ts';
import { createHome, startServe, startUpstream } from './targets.ts';

const requests = Number(
  process.argv.find((argument) => argument.startsWith('--requests='))?.slice(11) ?? 1_000_000,
);
if (!Number.isSafeInteger(requests) || requests < 100) throw new Error('--requests=N: 100 or more');
const concurrency = 32;
/** Each waits until all is quiet, which takes longer than a few requests do. */
const stages = requests < 10_000 ? 2 : 10;
const random = seededRandom(Date.now());

const usual = 'claude-sonnet-5-5';
const bodyFor = (model: string): string =>
  JSON.stringify({ model, max_tokens: 100, messages: [{ role: 'user', content: 'z'.repeat(300) }] });
const usualBody = bodyFor(usual);

let asked = 0;
/** Every other request is for a model that nobody has heard of, and the provider serves it. */
const nextModel = (): string => ((asked += 1) % 2 === 0 ? usual : `soak-model-${asked}`);

type Ending = 'whole' | 'broken' | 'left';

const seen: Record<Ending, number> = { whole: 0, broken: 0, left: 0 };
const wanted: Record<Ending, number> = { whole: 0, broken: 0, left: 0 };

/** Asks once; `leave` = hang up after so many milliseconds, unless the answer is there before. */
const ask = (agent: Agent, port: number, query: string, leave: number | null): Promise<Ending> =>
  new Promise((resolve) => {
    let left = false;
    const end = (ending: Ending): void => resolve(left ? 'left' : ending);
    const headers = { 'content-type': 'application/json', authorization: 'Bearer soak' };
    const model = nextModel();
    const path = `/v1/messages${query}&model=${model}`;
    const options = { agent, port, host: '127.0.0.1', method: 'POST', path, headers };
    const request: ClientRequest = httpRequest(options, (response) => {
      response.resume();
      response.on('error', () => end('broken'));
      response.on('close', () => end(response.complete && response.statusCode === 200 ? 'whole' : 'broken'));
    });
    request.on('error', () => end('broken'));
    request.end(model === usual ? usualBody : bodyFor(model));
    if (leave === null) return;
    setTimeout(() => {
      left = true;
      request.destroy();
      end('left');
    }, leave);
  });

/** What is to happen to the next request, and what its client then must see. */
const next = (): { query: string; leave: number | null; ending: Ending } => {
  const dice = random();
  if (dice < 0.02) return { query: '?stream=20,5', leave: random() * 60, ending: 'left' };
  if (dice < 0.04) return { query: '?reset', leave: null, ending: 'broken' };
  return { query: dice < 0.2 ? '?stream=10,0' : '?whole', leave: null, ending: 'whole' };
};

const run = async (agent: Agent, port: number, count: number): Promise<void> => {
  let left = count;
  const loop = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      const { query, leave, ending } = next();
      wanted[ending] += 1;
      seen[await ask(agent, port, query, leave)] += 1;
    }
  };
  await Promise.all(Array.from({ length: concurrency }, loop));
};

const failed: string[] = [];
const goal = (name: string, value: number, limit: number, unit: string): void => {
  const ok = value <= limit;
  if (!ok) failed.push(name);
  process.stdout.write(`${ok ? 'ok    ' : 'MISSED'} ${name}: ${value.toFixed(1)}${unit} (goal ≤ ${limit})\n`);
};

type Left = { heaps: number[]; residentMb: number; descriptors: number };

const main = async (): Promise<void> => {
  const upstream = await startUpstream();
  const home = createHome(upstream.port, ['a', 'b', 'c']);
  const probe = createHeapProbe(home.path);
  const proxy = await startServe({ ...home, env: { ...home.env, NODE_OPTIONS: probe.nodeOptions } });

  const descriptors = (): number => readdirSync(`/proc/${proxy.pid}/fd`).length;
  /** What is there when nothing is under way and every connection is closed. */
  const look = async (agent: Agent): Promise<Left> => {
    agent.destroy();
    await fetch(`http://127.0.0.1:${upstream.port}/?close-idle`);
    // The rows of the last requests are written, and sockets closed, within a second: later where other programs run, too.
    for (let last = -1, now = descriptors(); now !== last; now = descriptors()) {
      last = now;
      await sleep(1500);
    }
    const heaps = await probe.read(2);
    return {
      heaps,
      residentMb: residentMb(proxy.pid),
      descriptors: descriptors(),
    };
  };
  const print = (done: number, { heaps, residentMb: resident, descriptors }: Left): void => {
    const [main = 0, data = 0] = heaps;
    process.stdout.write(
      `${String(done).padStart(9)} requests: heap main ${main.toFixed(1)} MB, proxy ${data.toFixed(1)} MB; resident ${resident.toFixed(0)} MB; ${descriptors} descriptors\n`,
    );
  };

  const found: Left[] = [];
  for (let stage = 1; stage <= stages; stage += 1) {
    const agent = new Agent({ keepAlive: true, maxSockets: concurrency });
    const started = performance.now();
    await run(agent, proxy.port, Math.round(requests / stages));
    const perSecond = requests / stages / ((performance.now() - started) / 1000);
    const left = await look(agent);
    found.push(left);
    print((requests / stages) * stage, left);
    if (stage === stages) process.stdout.write(`${perSecond.toFixed(0)} requests a second\n\n`);
  }
  const [first, last] = [found[0], found.at(-1)];
  if (!first || !last) return;
  for (const [index, name] of ['main', 'proxy'].entries()) {
    const grown = (last.heaps[index] ?? 0) - (first.heaps[index] ?? 0);
    goal(`heap of the ${name} thread since the first stage`, grown, 10, ' MB');
  }
  // It comes and goes by what the allocator gives back; a leak shows in all of it.
  const resident = (stage: Left[]): number =>
    stage.map(({ residentMb: mb }) => mb).toSorted((a, b) => a - b)[Math.floor(stage.length / 2)] ?? 0;
  const half = stages / 2;
  const grown = resident(found.slice(half)) - resident(found.slice(0, half));
  // Short runs only show how it grows to its usual size.
  if (requests >= 100_000) goal('resident memory, second half against first (medians)', grown, 50, ' MB');
  goal('descriptors, difference', Math.abs(last.descriptors - first.descriptors), 2, '');
  // One that would have been left or was to be reset may have ended before that.
  goal('requests that ended otherwise than they should', Math.max(0, seen.broken - wanted.broken), 0, '');
  const metrics = await (await fetch(`http://127.0.0.1:${proxy.port}/metrics`)).text();
  const names = metrics.match(/^ccr_tui_model_requests_total/gm)?.length ?? Number.NaN;
  goal(`models in /metrics, of ${Math.ceil(asked / 2)} that were asked for`, names, 101, '');
  process.stdout.write(`${seen.whole} whole, ${seen.broken} reset by the provider, ${seen.left} left\n`);
  await proxy.stop();
  await upstream.stop();
  rmSync(home.path, { recursive: true, force: true });
  process.exitCode = failed.length === 0 ? 0 : 1;
};

await main();
