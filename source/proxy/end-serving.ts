import type { AccountParts } from './about-accounts.ts';
import type { Holds } from './hold.ts';
import type { LimitsFile } from './limits-file.ts';
import { closeServer } from './listen.ts';
import type { LiveRequests } from './live-requests.ts';

type Ending = Pick<AccountParts, 'logins' | 'batcher'> & {
  server: Parameters<typeof closeServer>[0];
  live: LiveRequests;
  holds: Holds;
  ticking: NodeJS.Timeout;
  limits: Pick<LimitsFile, 'close'>;
};

/** Ends the data plane in order; resolves with the number of requests that had to be cut after `limitMs`. */
export const endServing = async (
  { server, live, holds, ticking, logins, batcher, limits }: Ending,
  limitMs: number,
): Promise<number> => {
  holds.stop();
  const cut = await closeServer(server, live, limitMs);
  clearInterval(ticking);
  await logins.close(longestRenewalMs);
  batcher.flush();
  await limits.close();
  return cut;
};

/** What is on its way from the token endpoint must reach its store before the thread ends, however short the drain. */
const longestRenewalMs = 5000;
