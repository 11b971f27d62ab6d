import type { Clock } from '../shared/clock.ts';
import type { LogLevel, ProxyEvent } from '../shared/events.ts';
import type { AccountParts } from './about-accounts.ts';
import type { EventBatcher } from './event-batcher.ts';
import type { Holds } from './hold.ts';
import type { LiveRequests } from './live-requests.ts';
import { metricsText } from './metrics.ts';
import { countRefusals } from './refusal-count.ts';
import { createTally, type Tally } from './tally.ts';

/** How everything tells what happens, and counts it on the way. */
export const openTelling = (batcher: EventBatcher, clock: Clock) => {
  const tally = createTally();
  const emit = (event: ProxyEvent): void => {
    tally.observe(event);
    batcher.emit(event);
  };
  const log = (level: LogLevel, text: string): void => emit({ type: 'logged', at: clock.now(), level, text });
  const refusals = countRefusals(log);
  return {
    tally,
    emit,
    log,
    reportRefusals: refusals.report,
    refused(reason: string) {
      tally.refused(reason);
      refusals.add(reason);
    },
  };
};

type Figures = Pick<AccountParts, 'pool' | 'batcher'> & { live: LiveRequests; holds: Holds };

/** What `/metrics` answers when it is asked. */
export const figuresOf =
  (tally: Tally, { pool, batcher, live, holds }: Figures): (() => string) =>
  () =>
    metricsText(tally, {
      accounts: pool.candidates().flatMap(({ record }) => pool.viewOf(record.id) ?? []),
      inFlight: live.size,
      heldNow: holds.size,
      dropped: batcher.lost,
    });
