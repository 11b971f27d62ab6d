import type { Clock } from '../shared/clock.ts';
import type { ProxyEvent } from '../shared/events.ts';
import { untold } from './interim.ts';
import type { LiveRequests } from './live-requests.ts';
import type { UsageTap } from './usage-tap.ts';

/** An answer on its way to the client: how far it has come, and how much of that was told. */
export type Passing = {
  readonly tap: Pick<UsageTap, 'usage'>;
  /** Bytes of the body so far. */
  bytes: number;
  /** Whether the last one was the end of a line. */
  endsLine: boolean;
  toldBytes: number;
  /** Ends it before its time, with a last word to the client where there is one. */
  cutShort(): void;
  /** When growth may be told again, monotonic; 0 until the watch has seen it. */
  nextAt: number;
};

/** Shortest time between two reports of one answer, and what an answer has to last before its first. */
export const reportMs = 250;

/** More often than answers are told, because each has its own time to be told again. */
const lookMs = 100;

export const openPassing = (tap: Passing['tap']): Passing => ({
  tap,
  bytes: 0,
  endsLine: true,
  cutShort() {},
  toldBytes: 0,
  nextAt: 0,
});

export type Growth = {
  /** An answer has begun to pass, which is news in itself. Costs nothing while others do already. */
  began(): void;
  /** What the requests under way have to tell since they were asked last; growth at most once in `reportMs`. */
  events(): ProxyEvent[];
};

export type GrowthOptions = {
  live: LiveRequests;
  clock: Clock;
  /** Something may have grown: ask for the events. */
  onGrowth(): void;
};

/** Watches the answers under way, with one timer for all that runs only while there are any. */
export const watchGrowth = ({ live, clock, onGrowth }: GrowthOptions): Growth => {
  let timer: NodeJS.Timeout | null = null;

  const look = (): void => {
    timer = null;
    const now = clock.monotonic();
    let isDue = false;
    let isUnderWay = false;
    for (const { passing } of live) {
      if (passing === null) continue;
      isUnderWay = true;
      // No answer was seen later than a look after its start.
      if (passing.nextAt === 0) passing.nextAt = now + reportMs;
      isDue ||= hasNews(passing, now);
    }
    if (isDue) onGrowth();
    if (isUnderWay) watch();
  };

  const watch = (): void => {
    timer ??= setTimeout(look, lookMs);
  };

  return {
    began() {
      onGrowth();
      watch();
    },
    events() {
      const now = clock.monotonic();
      const events: ProxyEvent[] = [];
      for (const exchange of live) {
        events.push(...untold(exchange));
        const { id, passing } = exchange;
        if (passing === null || !hasNews(passing, now)) continue;
        const { bytes, tap } = passing;
        passing.toldBytes = bytes;
        passing.nextAt = now + reportMs;
        events.push({ type: 'responseGrew', at: clock.now(), id, bytes, tokens: tap.usage().tokens });
      }
      return events;
    },
  };
};

const hasNews = ({ bytes, toldBytes, nextAt }: Passing, now: number): boolean =>
  bytes > toldBytes && nextAt > 0 && now >= nextAt;
