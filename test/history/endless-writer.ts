// A program of its own that hands over rows until it is killed, and says so for each, with the time by
// its own clock: `node endless-writer.ts FILE`.
import { writeSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { openHistory } from '../../source/history/client.ts';
import { readHistory } from '../../source/history/queries.ts';
import { asEpoch } from '../../source/shared/types.ts';
import { pricedSample } from '../store/samples.ts';

const file = process.argv[2] ?? '';
const history = openHistory({
  file,
  retentionDays: 36_500,
  maxMiB: 256,
  onStatus: (status) => void writeSync(1, `${JSON.stringify(status)}\n`),
});

/** A turn that takes longer was kept by the machine, which then kept the history, too. */
const longestTurnMs = 25;
/** The time in which this program ran, in milliseconds. */
let ranMs = 0;
let at = performance.now();
const turn = (): void => {
  const now = performance.now();
  ranMs += Math.min(now - at, longestTurnMs);
  at = now;
};
const write = (n: number): void => {
  history.write(pricedSample(n, { at: asEpoch(Date.now()) }));
  writeSync(1, `${n} ${ranMs}\n`);
};

// The promise is about a history that runs: how long a busy machine takes to start a thread is another matter.
let n = 1;
write(n);
while ([...readHistory({ file, since: asEpoch(0), limit: 1 })].length === 0) await setTimeout(10);
for (;;) {
  turn();
  for (let i = 0; i < 5; i += 1) write((n += 1));
  await setTimeout(5);
}
