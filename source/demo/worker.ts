import { parentPort, workerData } from 'node:worker_threads';
import { asCcrError } from '../shared/errors.ts';
import { demoAccounts, demoKey } from './accounts.ts';
import { demoReply } from './demo-reply.ts';
import type { FromDemo, ToDemo } from './messages.ts';
import { startTraffic, type Traffic } from './traffic.ts';
import { startUpstream } from './upstream.ts';

// The thread entry of the demo: the simulated provider and the programs that ask it through the proxy. A thread of its
// own, so that the figures of screen and proxy are theirs.

const port = parentPort;
if (!port) throw new Error('worker.ts is started as a worker thread');

const { seed } = workerData as { seed: number };
const tell = (message: FromDemo): void => port.postMessage(message);

/** Errors and counts of tokens come quickly, but not at once. */
const usualPace = { headMs: 120 };
/** The demo looks at no past request. */
const keep = 50;

const accounts = demoAccounts.map(({ name, limits }) => ({ name, limits, key: demoKey(name) }));
const signIns = new Map<string, number>();
let traffic: Traffic | null = null;

startUpstream({ accounts, keep, pace: usualPace, reply: demoReply }).then(
  (upstream) => {
    port.on('message', (message: ToDemo) => {
      if (message.type === 'begin') {
        traffic ??= startTraffic({
          url: message.url,
          seed,
          fail: (rule) => upstream.fail(rule),
          signIn(account) {
            const renewals = (signIns.get(account) ?? 0) + 1;
            signIns.set(account, renewals);
            upstream.accept(account, demoKey(account, renewals));
            tell({ type: 'signed-in', account, renewals });
          },
        });
      } else {
        traffic?.stop();
        upstream.hurry();
      }
    });
    tell({ type: 'listening', url: upstream.url });
  },
  (error: unknown) => tell({ type: 'failed', message: asCcrError(error).message }),
);
