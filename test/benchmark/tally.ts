// `npm run bench:tally`: what counting one finished request for /metrics costs, in microseconds, and how long a look at
// them takes where many accounts have served. Exit code 1 when one of them misses its goal.

import { metricsText } from '../../source/proxy/metrics.ts';
import { createTally } from '../../source/proxy/tally.ts';
import type { ProxyEvent } from '../../source/shared/events.ts';
import { asEpoch } from '../../source/shared/types.ts';
import { finishedRequest } from '../store/samples.ts';

/** A request through the proxy takes some 200 µs of its thread. */
const goalUs = 3;
const lookGoalMs = 20;
const calls = 200_000;
const rounds = 9;
const accounts = 50;

const events = Array.from({ length: accounts }, (_, n): ProxyEvent => ({
  type: 'requestFinished',
  at: asEpoch(0),
  request: finishedRequest(n, { account: `account-${n}`, upstreamModel: `model-${n % 7}` }),
}));

const tally = createTally();

const medianOf = (measure: () => number): number => {
  const values = Array.from({ length: rounds }, measure).toSorted((a, b) => a - b);
  return values[Math.floor(rounds / 2)] ?? Number.NaN;
};

const observeUs = medianOf(() => {
  const started = performance.now();
  for (let n = 0; n < calls; n += 1) {
    const event = events[n % accounts];
    if (event) tally.observe(event);
  }
  return ((performance.now() - started) * 1000) / calls;
});

let bytes = 0;
const lookMs = medianOf(() => {
  const started = performance.now();
  bytes = metricsText(tally, { accounts: [], inFlight: 0, heldNow: 0, dropped: 0 }).length;
  return performance.now() - started;
});

console.log(`counting a request: ${observeUs.toFixed(2)} µs (goal ${goalUs})`);
console.log(
  `a look at ${accounts} accounts: ${lookMs.toFixed(1)} ms, ${Math.round(bytes / 1024)} KiB (goal ${lookGoalMs} ms)`,
);
process.exitCode = observeUs <= goalUs && lookMs <= lookGoalMs ? 0 : 1;
