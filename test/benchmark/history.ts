// `npm run bench:history`: what writing the history down costs those who wait for answers: the p99 of small requests at a
// steady rate, with the history and without it (a folder stands in its place), in turns. And what somebody who reads a long
// history meanwhile costs them. Exit code 1 when a goal is missed. `node test/benchmark/history.ts 3` takes three rounds.

import { execFile } from 'node:child_process';
import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createHistoryFile } from '../../source/history/history-file.ts';
import { systemClock } from '../../source/shared/clock.ts';
import { asEpoch } from '../../source/shared/types.ts';
import { pricedSample } from '../store/samples.ts';
import { createHome, startServe, startUpstream, type BenchHome, type Target } from './targets.ts';
import { median } from '../kit/median.ts';

const run = promisify(execFile);
const rounds = Number(process.argv[2] ?? 9);
const rate = 200;
const seconds = 3;
const longHistory = 100_000;
const here = (file: string): string => new URL(file, import.meta.url).pathname;

const p99Of = async ({ name, port }: Target): Promise<number> => {
  const args = [here('./paced-load.ts'), String(port), String(rate), String(seconds)];
  const { stdout } = await run(process.execPath, args);
  const { failed, p99Ms } = JSON.parse(stdout) as { failed: number; p99Ms: number };
  if (failed > 0) throw new Error(`${name}: ${failed} requests failed`);
  return p99Ms;
};

let missed = false;
const report = (name: string, base: readonly number[], other: readonly number[], goal: number): void => {
  const ratio = median(other.map((value, index) => value / (base[index] ?? Number.NaN)));
  const spread = `${Math.min(...base).toFixed(2)}–${Math.max(...base).toFixed(2)} ms`;
  missed ||= ratio > goal;
  process.stdout.write(
    `${ratio > goal ? 'MISSED' : 'ok    '} ${name}: p99 ${median(other).toFixed(2)} ms, ` +
      `${median(base).toFixed(2)} ms without (${spread}); ratio ${ratio.toFixed(3)} (goal ≤ ${goal})\n`,
  );
};

const fill = ({ path }: BenchHome): void => {
  const file = join(path, 'history.sqlite');
  const history = createHistoryFile({ file, retentionDays: 30, maxMiB: 1024, clock: systemClock });
  const now = systemClock.now();
  for (let from = 0; from < longHistory; from += 1000) {
    const rows = Array.from({ length: 1000 }, (_, n) =>
      pricedSample(from + n, { at: asEpoch(now - (from + n) * 20_000) }),
    );
    history.commit(rows);
  }
  history.close();
  process.stdout.write(`       ${Math.round(statSync(file).size / longHistory)} bytes per request on disk\n`);
};

/** Asks the program for that again and again until it is told to stop. */
const reading = ({ env }: BenchHome, args: readonly string[]): { stop(): Promise<void> } => {
  const stopped = new AbortController();
  const program = here('../../distribution/bin.cjs');
  const asked = (async () => {
    while (!stopped.signal.aborted) {
      await run(process.execPath, [program, ...args], { env, maxBuffer: 1 << 30 });
    }
  })();
  return {
    stop() {
      stopped.abort();
      return asked;
    },
  };
};

const upstream = await startUpstream();
const home = (): BenchHome => createHome(upstream.port, ['bench']);
const homes = [home(), home(), home()] as const;
const [kept, off, long] = homes;
mkdirSync(join(off.path, 'history.sqlite'));
fill(long);
const targets = [await startServe(kept), await startServe(off), await startServe(long)] as const;
const [withHistory, without, withLong] = targets;
// The first requests of a process are slower, and a long history is summed up once.
for (const target of targets) await p99Of(target);
await run(process.execPath, [here('../../distribution/bin.cjs'), 'stats', '--since', '30d'], {
  env: long.env,
});

const [base, written, beside]: [number[], number[], number[]] = [[], [], []];
for (let round = 0; round < rounds; round += 1) {
  base.push(await p99Of(without));
  written.push(await p99Of(withHistory));
  const reader = reading(long, ['stats', '--since', '30d', '--json']);
  beside.push(await p99Of(withLong));
  await reader.stop();
}
report('every request written down', base, written, 1.05);
report(`and ${longHistory.toLocaleString('en')} requests summed up again and again`, base, beside, 2);
for (const { stop } of [...targets, upstream]) await stop();
for (const { remove } of homes) remove();
process.exitCode = missed ? 1 : 0;
