// `npm run bench:screen`: what the screen costs, in a real pseudoterminal, with the real program. Linux only.
// Exit code 1 when a figure misses its goal. `--quick`: short rounds, for a look; its figures are no evidence.
// `--memory`: a million requests under a screen (a quarter of an hour) instead, and what stays of them in memory.

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { startPty, type Pty } from '../kit/pty.ts';
import { cpuMs, residentMb, threadCpuMs } from './process-cpu.ts';
import { createHome, startServe, startUpstream, type BenchHome } from './targets.ts';

const quick = process.argv.includes('--quick');
const accounts = ['work', 'home', 'team-a', 'spare'];
const size = { columns: 100, rows: 30 };
const rate = 1000;
const run = promisify(execFile);
const pacedLoad = new URL('./paced-load.ts', import.meta.url).pathname;

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const share = (values: readonly number[], part: number): number => {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
};
const median = (values: readonly number[]): number => share(values, 0.5);

const missed: string[] = [];
const goal = (name: string, value: number, limit: number, unit: string): void => {
  const ok = value <= limit;
  if (!ok) missed.push(name);
  const verdict = ok ? 'ok    ' : 'MISSED';
  process.stdout.write(`${verdict} ${name}: ${value.toFixed(2)} ${unit} (goal ≤ ${limit})\n`);
};

type Load = { requests: number; failed: number; p50Ms: number; p99Ms: number };

const load = async (port: number, perSecond: number, seconds: number): Promise<Load> => {
  const { stdout } = await run(process.execPath, [
    pacedLoad,
    String(port),
    String(perSecond),
    String(seconds),
  ]);
  const result = JSON.parse(stdout) as Load;
  if (result.failed > 0) throw new Error(`${result.failed} of ${result.requests} requests failed`);
  return result;
};

const openScreen = (home: BenchHome): Pty =>
  startPty(['--port', '0'], { home: home.path, ...size, env: { CCR_TUI_CREDENTIAL_STORE: 'vault' } });

const showsAccounts = (lines: string[]): boolean =>
  accounts.every((name) => lines.some((line) => line.includes(name))) &&
  lines.some((line) => line.includes('quit'));

/** The screen is there before the proxy listens. */
const portOn = async (pty: Pty): Promise<number> => {
  const address = /127\.0\.0\.1:(\d+)/;
  const lines = await pty.waitFor((seen) => seen.some((line) => address.test(line)));
  return Number(address.exec(lines.join('\n'))?.[1]);
};

const close = async (pty: Pty): Promise<void> => {
  pty.signal('SIGTERM');
  await pty.exit;
};

const firstPaints = async (home: BenchHome): Promise<number[]> => {
  const times: number[] = [];
  for (let n = 0; n < (quick ? 3 : 15); n += 1) {
    const started = performance.now();
    const pty = openScreen(home);
    await pty.waitFor(showsAccounts);
    times.push(performance.now() - started);
    await close(pty);
  }
  return times;
};

type Idle = { cpuShare: number; bytesPerSecond: number };

const idle = async (pty: Pty): Promise<Idle> => {
  // The requests that made the windows known leave the rate of the last minutes first.
  await sleep(quick ? 5000 : 70_000);
  const seconds = quick ? 10 : 60;
  const [cpu, bytes] = [cpuMs(pty.pid), pty.raw().length];
  await sleep(seconds * 1000);
  return {
    cpuShare: (cpuMs(pty.pid) - cpu) / (seconds * 10),
    bytesPerSecond: (pty.raw().length - bytes) / seconds,
  };
};

/** What an updated picture begins with. */
const frameStart = '\u001B[?2026h';
const framesIn = (bytes: Buffer): number => bytes.toString('latin1').split(frameStart).length - 1;

/** Milliseconds from a key's byte to the screen that shows what it does. */
const echoes = async (pty: Pty, count: number): Promise<number[]> => {
  const times: number[] = [];
  const isHelp = (lines: string[]): boolean => lines.some((line) => line.endsWith('Esc close'));
  for (let n = 0; n < count; n += 1) {
    await sleep(130 + (n % 7) * 13);
    const wanted = n % 2 === 0;
    const started = performance.now();
    pty.send('?');
    await pty.waitFor((lines) => isHelp(lines) === wanted);
    times.push(performance.now() - started);
  }
  return times;
};

type Busy = { mainShare: number; framesPerSecond: number; bytesPerSecond: number };

/** What the screen costs under load while nobody touches it. */
const busy = async (pty: Pty, port: number, seconds: number): Promise<Busy> => {
  const [cpu, bytes, started] = [threadCpuMs(pty.pid, pty.pid), pty.raw().length, performance.now()];
  await load(port, rate, seconds);
  const ms = performance.now() - started;
  const drawn = pty.raw().subarray(bytes);
  return {
    mainShare: ((threadCpuMs(pty.pid, pty.pid) - cpu) / ms) * 100,
    framesPerSecond: (framesIn(drawn) / ms) * 1000,
    bytesPerSecond: (drawn.length / ms) * 1000,
  };
};

/** p99 of the proxy with a screen, with one that nobody reads, and with none, taken in turns. */
const latencies = async (
  pty: Pty,
  screenPort: number,
  servePort: number,
): Promise<Record<'screen' | 'unread' | 'none', number[]>> => {
  const p99: Record<'screen' | 'unread' | 'none', number[]> = { screen: [], unread: [], none: [] };
  const seconds = quick ? 2 : 5;
  for (let round = 0; round < (quick ? 2 : 9); round += 1) {
    p99.none.push((await load(servePort, rate, seconds)).p99Ms);
    p99.screen.push((await load(screenPort, rate, seconds)).p99Ms);
    pty.pause();
    p99.unread.push((await load(screenPort, rate, seconds)).p99Ms);
    pty.resume();
  }
  return p99;
};

/** A million requests under a screen: what the process holds after the first fifth of them, and after all. */
const memory = async (): Promise<void> => {
  const upstream = await startUpstream();
  const home = createHome(upstream.port, accounts);
  const pty = openScreen(home);
  await pty.waitFor(showsAccounts);
  const port = await portOn(pty);
  const rounds = quick ? 10 : 100;
  const each = quick ? 500 : 10_000;
  const resident: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    await load(port, rate, each / rate);
    resident.push(residentMb(pty.pid));
  }
  const fifth = rounds / 5;
  const [early, late] = [resident.slice(fifth, 2 * fifth), resident.slice(-fifth)].map(median) as [
    number,
    number,
  ];
  process.stdout.write(`       resident memory in MB, a round each: ${resident.map(Math.round).join(' ')}\n`);
  goal(`memory after ${rounds * each} requests, added since the first fifth`, late - early, 10, 'MB');
  await close(pty);
  await upstream.stop();
  home.remove();
};

const main = async (): Promise<void> => {
  const upstream = await startUpstream();
  const [home, plainHome] = [createHome(upstream.port, accounts), createHome(upstream.port, accounts)];
  const paints = await firstPaints(home);
  goal('first paint with the accounts, p50', median(paints), 400, 'ms');

  const pty = openScreen(home);
  await pty.waitFor(showsAccounts);
  const port = await portOn(pty);
  const serve = await startServe(plainHome);
  await load(port, 20, 1);
  const { cpuShare, bytesPerSecond } = await idle(pty);
  goal('idle, all threads', cpuShare, 1, '% of a core');
  goal('idle output', bytesPerSecond, 100, 'bytes/s');

  // The terminal says that its person is elsewhere.
  pty.send('\u001B[O');
  const away = await idle(pty);
  goal('idle without the focus, all threads', away.cpuShare, 0.3, '% of a core');
  pty.send('\u001B[I');

  for (const warm of [port, serve.port]) await load(warm, rate, quick ? 2 : 6);
  const under = await busy(pty, port, quick ? 5 : 20);
  goal(`main thread at ${rate} requests/s`, under.mainShare, 15, '% of a core');
  if (under.framesPerSecond === 0) throw new Error('no frame was seen: frames are not counted any more');
  goal(`frames at ${rate} requests/s`, under.framesPerSecond, 10, 'a second');
  goal(`output at ${rate} requests/s`, under.bytesPerSecond / 1000, 15, 'kB/s');
  const seconds = quick ? 5 : 20;
  const [, echo] = await Promise.all([load(port, rate, seconds), echoes(pty, seconds * 4)]);
  goal(`key to screen at ${rate} requests/s, p95`, share(echo, 0.95), 50, 'ms');

  const p99 = await latencies(pty, port, serve.port);
  const all = Object.entries(p99).map(([name, values]) => `${name} ${median(values).toFixed(2)}`);
  process.stdout.write(`       p99 of the proxy in ms, medians: ${all.join(', ')}\n`);
  goal('p99 with a screen, added', median(p99.screen) - median(p99.none), 1, 'ms');
  goal('p99 with a screen that nobody reads, added', median(p99.unread) - median(p99.none), 1, 'ms');

  await close(pty);
  await serve.stop();
  await upstream.stop();
  home.remove();
  plainHome.remove();
};

await (process.argv.includes('--memory') ? memory() : main());
process.exitCode = missed.length === 0 ? 0 : 1;
