import { expect, test } from 'vitest';
import type { Exchange } from '../../source/proxy/exchange.ts';
import { untold } from '../../source/proxy/interim.ts';
import { asEpoch } from '../../source/shared/types.ts';
import { accountId } from './start-proxy.ts';

/** As much of an exchange as its course is told from. */
const open = (): Exchange =>
  ({
    id: 'r1',
    at: asEpoch(1),
    path: '/v1/messages',
    request: { method: 'POST', headers: { 'x-ccr-project': 'site' } },
    clientAddress: '127.0.0.1',
    description: null,
    decision: null,
    account: null,
    answeredAt: null,
    status: null,
    firstByteMs: null,
    told: { started: false, attempt: 0, answered: false },
  }) as unknown as Exchange;

const description = { agent: 'other', session: null, conversation: null, model: 'm', stream: true } as const;
const decision = { strategy: 'sticky', affinity: null, considered: [] };
const chosen = (name: string, attempt: number) => ({
  id: accountId(name),
  name,
  kind: 'api-key' as const,
  attempt,
  at: asEpoch(2),
});

const typesOf = (exchange: Exchange): string[] => untold(exchange).map(({ type }) => type);

test('nothing is told before the request is known, and nothing twice', () => {
  const exchange = open();
  expect(untold(exchange)).toEqual([]);
  exchange.description = description;
  expect(untold(exchange)).toMatchObject([
    { type: 'requestStarted', id: 'r1', at: 1, project: 'site', model: 'm', stream: true },
  ]);
  expect(untold(exchange)).toEqual([]);
});

test('what happened between two batches comes at once, in its order', () => {
  const exchange = open();
  Object.assign(exchange, { description, decision, account: chosen('a', 1) });
  Object.assign(exchange, { answeredAt: asEpoch(3), status: 200, firstByteMs: 2 });
  expect(typesOf(exchange)).toEqual(['requestStarted', 'accountChosen', 'responseStarted']);
  expect(typesOf(exchange)).toEqual([]);
});

test('each attempt is told with its account and number', () => {
  const exchange = open();
  Object.assign(exchange, { description, decision, account: chosen('a', 1) });
  expect(typesOf(exchange)).toEqual(['requestStarted', 'accountChosen']);
  exchange.account = chosen('b', 2);
  expect(untold(exchange)).toEqual([
    {
      type: 'accountChosen',
      at: 2,
      id: 'r1',
      account: accountId('b'),
      accountName: 'b',
      attempt: 2,
      decision,
    },
  ]);
});
