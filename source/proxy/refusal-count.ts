import type { LogLevel } from '../shared/events.ts';

/** Refusals at the gate make one log line a second at most, however many come. */
export const countRefusals = (
  log: (level: LogLevel, text: string) => void,
): { add(reason: string): void; report(): void } => {
  let count = 0;
  let latest = '';
  return {
    add(reason) {
      count += 1;
      latest = reason;
    },
    report() {
      if (count === 0) return;
      log('warning', `refused ${count} ${count === 1 ? 'request' : 'requests'} at the gate (${latest})`);
      count = 0;
    },
  };
};
