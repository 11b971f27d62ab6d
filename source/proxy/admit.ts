import { setTimeout as delay } from 'node:timers/promises';
import { reject } from './answer.ts';
import type { AuthDelay } from './auth-delay.ts';
import type { Budgets } from './budgets.ts';
import { closeAfter } from './close-after.ts';
import type { ClientKeys, Identified } from './client-keys.ts';
import { describe } from './describe.ts';
import type { Exchange } from './exchange.ts';
import type { ForwardContext } from './forward.ts';
import type { KeyRefusal } from './key-limits.ts';
import { sendError } from './own-answer.ts';
import { envelopeOf } from './route-table.ts';

export type AdmitContext = ForwardContext & {
  keys: Pick<ClientKeys, 'identify'>;
  authDelay: AuthDelay;
  budgets: Pick<Budgets, 'awaited' | 'refusalOf'>;
  refused(reason: string): void;
};

/** Whether a key was shown that opens; who asks is on the exchange afterwards. */
export const identify = (
  exchange: Exchange,
  { keys }: Pick<AdmitContext, 'keys'>,
): Promise<KeyRefusal | null> | KeyRefusal | null => {
  const { rawHeaders, url = '/' } = exchange.request;
  const take = ({ caller, refusal }: Identified): KeyRefusal | null => {
    exchange.caller = caller;
    return refusal;
  };
  const identified = keys.identify(rawHeaders, url);
  return identified instanceof Promise ? identified.then(take) : take(identified);
};

/** How long to wait with the answer; null = no answer at all, so many wait already. */
const waitFor = (
  { clientAddress }: Exchange,
  { code }: KeyRefusal,
  { authDelay }: AdmitContext,
): number | null => (code === 'key_wrong' || code === 'key_missing' ? authDelay.failed(clientAddress) : 0);

/**
 * Refuses a request before its body: the client is told to close its connection, and what still comes is thrown away.
 * Wrong keys that come fast are answered slowly.
 */
export const turnAway = async (
  exchange: Exchange,
  refusal: KeyRefusal,
  context: AdmitContext,
): Promise<void> => {
  const { request, response, client } = exchange;
  closeAfter(response);
  request.resume();
  const waitMs = waitFor(exchange, refusal, context);
  if (waitMs === 0) {
    exchange.description = describe(request.headers, []);
    reject(exchange, refusal, context);
    return;
  }
  // Counted, and without a row: each costs the history pages of its file, and a flood would fill it.
  context.refused(`${refusal.code}: many wrong keys from one address`);
  if (waitMs === null) {
    response.destroy();
    return;
  }
  const left = new AbortController();
  const stop = client.onLeave(() => left.abort());
  await delay(waitMs, undefined, { signal: left.signal, ref: false }).catch(() => {});
  stop();
  sendError(response, { ...refusal, envelope: envelopeOf(exchange.path), requestId: null });
};
