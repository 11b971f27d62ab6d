// `npm run bench:stats`: what statistics cost on a million rows: `stats --since 30d` from the start of the process to its
// end, the sums of hours that make it fast, and one row on disk. Makes the rows itself. Exit code 1 when a goal is missed.
// `node test/benchmark/stats.ts 100000` takes fewer rows.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDatabase } from '../../source/history/database.ts';
import { buildRollups } from '../../source/history/rollups.ts';
import { readSpent } from '../../source/history/spent.ts';
import { asEpoch } from '../../source/shared/types.ts';
import { statsDimensions } from '../../source/shared/statistics.ts';
import { fillHistory } from './history-rows.ts';

const count = Number(process.argv[2] ?? 1_000_000);
const runs = 20;
const program = new URL('../../distribution/bin.cjs', import.meta.url).pathname;
const home = mkdtempSync(join(tmpdir(), 'ccr-tui-bench-'));
const file = join(home, 'history.sqlite');
let missed = 0;

const report = (name: string, value: number, goal: number | null, unit: string): void => {
  const isMissed = goal !== null && value > goal;
  if (isMissed) missed += 1;
  const wanted = goal === null ? '' : ` (goal ≤ ${goal})`;
  process.stdout.write(`${isMissed ? 'MISSED' : 'ok    '} ${name}: ${value.toFixed(1)} ${unit}${wanted}\n`);
};

const now = Date.now();

const rollUp = (): void => {
  const database = openDatabase(file, 4 * 1024 ** 3);
  const steps = buildRollups(database, now);
  const begun = performance.now();
  let longest = 0;
  for (;;) {
    const before = performance.now();
    const { done } = steps.next();
    longest = Math.max(longest, performance.now() - before);
    if (done === true) break;
  }
  report('summing up every hour', (performance.now() - begun) / 1000, null, 's');
  report('longest step of it', longest, 100, 'ms');
  database.close();
};

/** What a hard budget of a month makes requests wait for after a start. */
const recount = (): void => {
  const span = { from: asEpoch(now - 31 * 86_400_000), before: asEpoch(now) };
  const begun = performance.now();
  let [longest, before] = [0, begun];
  for (const _ of readSpent(file, span)) {
    longest = Math.max(longest, performance.now() - before);
    before = performance.now();
  }
  report('what a month has spent, after a start', performance.now() - begun, count / 100, 'ms');
  report('longest step of it', longest, 50, 'ms');
};

/** Says at its end how much of the processor a program has used, all of it, in ms. */
const tellCpu = `process.on('exit', () => { const { user, system } = process.cpuUsage();
  process.stderr.write(String((user + system) / 1000)); })`;

type Timed = { wall: number[]; cpu: number[] };

/** Of whole processes, as a person waits for them; in order of size. */
const timed = (args: readonly string[], times: number): Timed => {
  const all: Timed = { wall: [], cpu: [] };
  const env = { ...process.env, CCR_TUI_HOME: home };
  const load = `data:text/javascript,${encodeURIComponent(tellCpu)}`;
  for (let n = 0; n < times; n += 1) {
    const before = performance.now();
    const { stderr } = spawnSync(process.execPath, ['--import', load, program, 'stats', ...args], {
      env,
      encoding: 'utf8',
      maxBuffer: 2 ** 28,
    });
    all.wall.push(performance.now() - before);
    all.cpu.push(Number(stderr));
  }
  for (const values of Object.values(all)) values.sort((a, b) => a - b);
  return all;
};

const p = (values: readonly number[], q: number): number =>
  values[Math.ceil(values.length * q) - 1] ?? Number.NaN;

try {
  const before = performance.now();
  fillHistory(file, count, now);
  process.stdout.write(
    `${count} rows of 30 days, written in ${Math.round((performance.now() - before) / 1000)} s\n`,
  );
  report('a row on disk', statSync(file).size / count, 1024, 'bytes');
  report('stats before anything is summed up', p(timed(['--since', '30d'], 1).wall, 1), null, 'ms');
  recount();
  rollUp();
  report('a row on disk, with the sums', statSync(file).size / count, 1024, 'bytes');
  for (const by of statsDimensions) {
    const { wall, cpu } = timed(['--since', '30d', '--by', by, '--json'], runs);
    report(`stats --since 30d --by ${by}, p95`, p(wall, 0.95), 1000, 'ms');
    report(`  of that the processor, p50`, p(cpu, 0.5), null, 'ms');
  }
} finally {
  rmSync(home, { recursive: true, force: true });
}
process.exitCode = missed > 0 ? 1 : 0;
