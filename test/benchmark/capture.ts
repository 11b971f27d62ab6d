// `npm run bench:capture`: what capturing costs those who wait for answers: the p99 of small requests at a steady rate with
// `capture` off, for failures, and for all, in turns. `node test/benchmark/capture.ts 3` takes three rounds.

import { execFile, execFileSync } from 'node:child_process';
import { promisify } from 'node:util';
import { createHome, startServe, startUpstream, type Target } from './targets.ts';
import { median } from '../kit/median.ts';

const run = promisify(execFile);
const rounds = Number(process.argv[2] ?? 9);
const here = (file: string): string => new URL(file, import.meta.url).pathname;
const program = here('../../distribution/bin.cjs');

const p99Of = async ({ port }: Target): Promise<number> => {
  const { stdout } = await run(process.execPath, [here('./paced-load.ts'), String(port), '200', '3']);
  const { failed, p99Ms } = JSON.parse(stdout) as { failed: number; p99Ms: number };
  if (failed > 0) throw new Error(`${failed} requests failed`);
  return p99Ms;
};

const upstream = await startUpstream();
const modes = ['off', 'errors', 'all'] as const;
const homes = modes.map((mode) => {
  const home = createHome(upstream.port, ['bench']);
  execFileSync(process.execPath, [program, 'config', 'set', 'capture', mode], { env: home.env });
  return home;
});
const targets: Target[] = [];
for (const home of homes) targets.push(await startServe(home));
// The first requests of a process are slower.
for (const target of targets) await p99Of(target);
const taken = modes.map((): number[] => []);
for (let round = 0; round < rounds; round += 1) {
  for (const [index, target] of targets.entries()) taken[index]?.push(await p99Of(target));
}
const base = median(taken[0] ?? []);
for (const [index, mode] of modes.entries()) {
  const p99 = median(taken[index] ?? []);
  process.stdout.write(`capture ${mode}: p99 ${p99.toFixed(2)} ms, ratio ${(p99 / base).toFixed(3)}\n`);
}
for (const { stop } of [...targets, upstream]) await stop();
for (const { remove } of homes) remove();
