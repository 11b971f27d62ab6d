// A program of its own that hands over rows until it is killed, and says so for each: `node endless-writer.ts FILE`.
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
const write = (n: number): void => {
  history.write(pricedSample(n, { at: asEpoch(Date.now()) }));
  writeSync(1, `${n} ${Date.now()}\n`);
};

// The promise is about a history that runs: how long a busy machine takes to start a thread is another matter.
let n = 1;
write(n);
while ([...readHistory({ file, since: asEpoch(0), limit: 1 })].length === 0) await setTimeout(10);
for (;;) {
  for (let i = 0; i < 5; i += 1) write((n += 1));
  await setTimeout(5);
}
