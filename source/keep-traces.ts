import type { Settings } from './config/settings.ts';
import { asCcrError } from './shared/errors.ts';
import type { TraceSender } from './send-traces.ts';
import { pricedRequest, priceWith } from './store/prices.ts';
import type { PricedRequest } from './store/state.ts';
import type { Store } from './store/store.ts';
import { packageVersion } from './version.ts';

/** Of the requests that end while the packages load, a fraction of a second after the start, so many are kept. */
const mostEarly = 1000;

/**
 * Sends each finished request to the collector of the settings. Without one nothing is loaded and nothing is done. What does
 * not arrive is said in the log, and no request ever waits for it.
 */
export const keepTraces = (
  { config }: Pick<Settings, 'config'>,
  store: Pick<Store, 'feed' | 'log'>,
): { close(): Promise<void> } => {
  const { url } = config.otel;
  if (url === '') return { close: async () => {} };
  const price = priceWith(config.prices);
  const early: PricedRequest[] = [];
  let sender: TraceSender | null = null;
  const open = async (): Promise<void> => {
    const { openTraceSender } = await import('./send-traces.ts');
    sender = await openTraceSender({
      url,
      version: packageVersion(),
      onStatus({ ok, reason }) {
        const text = ok ? 'traces arrive again' : `traces cannot be sent: ${reason ?? 'unknown reason'}`;
        store.log(ok ? 'info' : 'warning', text);
      },
    });
    for (const request of early.splice(0)) sender.write(request);
  };
  const opened = open().catch((error: unknown) => {
    store.log('warning', `traces cannot be sent: ${asCcrError(error).message}`);
  });
  store.feed.onEvents((events) => {
    for (const { event } of events) {
      if (event.type !== 'requestFinished') continue;
      const request = pricedRequest(event.request, price);
      if (sender !== null) sender.write(request);
      else if (early.length < mostEarly) early.push(request);
    }
  });
  return {
    async close() {
      await opened;
      await sender?.close();
    },
  };
};
