import type { ProxyEvent } from '../shared/events.ts';
import type { Description } from './describe.ts';
import { callerName, shownPath, type Exchange } from './exchange.ts';
import { projectOf } from './project.ts';

/** How much of a request's course was told. */
export type Told = { started: boolean; attempt: number; answered: boolean };

/**
 * What has happened to a request and was not told yet, oldest first; with this call it is. It is asked for when a batch
 * goes, for the requests under way then: most begin and end between two batches, and their end tells all of it
 * (measured: events for each step of each request cost a sixteenth of a small one).
 */
export const untold = (exchange: Exchange): ProxyEvent[] => {
  const { told, id, description, account, decision, answeredAt, status, firstByteMs } = exchange;
  const events: ProxyEvent[] = [];
  if (!told.started && description !== null) {
    told.started = true;
    events.push(started(exchange, description));
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

const started = (exchange: Exchange, { agent, session, model, stream }: Description): ProxyEvent => ({
  type: 'requestStarted',
  at: exchange.at,
  id: exchange.id,
  method: exchange.request.method ?? 'GET',
  path: shownPath(exchange),
  client: callerName(exchange),
  clientAddress: exchange.clientAddress,
  agent,
  session,
  project: projectOf(exchange.request.headers, callerName(exchange)),
  model,
  stream,
});
