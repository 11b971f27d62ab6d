import { maskTokens } from '../shared/mask-tokens.ts';
import type { ProxyEvent } from '../shared/events.ts';
import { callerName, type Exchange } from './exchange.ts';

/** How much of a request's course was told. */
export type Told = { started: boolean; attempt: number; answered: boolean };

/**
 * What has happened to a request and was not told yet, oldest first; with this call it is. It is asked for when a batch
 * goes, for the requests under way then: most begin and end between two batches, and their end tells all of it
 * (measured: events for each step of each request cost a sixteenth of a small one).
 */
export const untold = (exchange: Exchange): ProxyEvent[] => {
  const { told, id, account, decision, answeredAt, status, firstByteMs } = exchange;
  const events: ProxyEvent[] = [];
  if (!told.started && exchange.description !== null) {
    told.started = true;
    events.push(started(exchange));
  }
  if (account === null) return events;
  const place = { id, account: account.id, accountName: account.name };
  if (account.attempt > told.attempt && decision !== null) {
    told.attempt = account.attempt;
    events.push({ type: 'accountChosen', at: account.at, ...place, attempt: account.attempt, decision });
  }
  if (!told.answered && answeredAt !== null && status !== null && firstByteMs !== null) {
    told.answered = true;
    events.push({ type: 'responseStarted', at: answeredAt, ...place, status, firstByteMs });
  }
  return events;
};

const started = ({ id, at, path, request, clientAddress, description, caller }: Exchange): ProxyEvent => ({
  type: 'requestStarted',
  at,
  id,
  method: request.method ?? 'GET',
  path: maskTokens(path).slice(0, 300),
  client: callerName({ caller }),
  clientAddress,
  agent: description?.agent ?? 'other',
  session: description?.session ?? null,
  model: description?.model ?? null,
  stream: description?.stream ?? false,
});
