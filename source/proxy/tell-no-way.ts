import type { Clock } from '../shared/clock.ts';
import type { LogLevel } from '../shared/events.ts';

/** The same trouble is told again after this many milliseconds. */
const silenceMs = 10_000;

/** Says in the log why a company's proxy gives no way to the providers: at once, and the same only now and then. */
export const tellNoWay = (
  log: (level: LogLevel, text: string) => void,
  clock: Pick<Clock, 'monotonic'>,
): ((proxy: string, reason: string) => void) => {
  let latest = '';
  let toldAt = -Infinity;
  return (proxy, reason) => {
    const text = `no way to the providers through the proxy ${proxy} (HTTPS_PROXY): ${reason}`;
    const now = clock.monotonic();
    if (text === latest && now - toldAt < silenceMs) return;
    latest = text;
    toldAt = now;
    log('warning', text);
  };
};
