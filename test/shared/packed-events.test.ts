import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { costKinds } from '../../source/shared/cost-kind.ts';
import type { ProxyEvent } from '../../source/shared/events.ts';
import { packEvents, unpackEvents } from '../../source/shared/packed-events.ts';
import { outcomes, type FinishedRequest } from '../../source/shared/types.ts';

const text = fc.string({ unit: 'grapheme' });
const orNull = <T>(one: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(one, { nil: null });
const count = orNull(fc.nat());

/** Every field: one that the list forgets would come back missing. */
const told = {
  id: text,
  at: fc.nat(),
  method: text,
  path: text,
  client: text,
  clientAddress: text,
  agent: text,
  session: orNull(text),
  project: orNull(text),
  model: orNull(text),
  upstreamModel: orNull(text),
  account: orNull(text),
  accountId: orNull(text),
  costKind: orNull(fc.constantFrom(...costKinds)),
  status: count,
  outcome: fc.constantFrom(...outcomes),
  stream: fc.boolean(),
  waitMs: fc.nat(),
  firstByteMs: count,
  totalMs: fc.nat(),
  attempts: fc.array(
    fc.record({ account: text, status: count, verdict: text, window: orNull(text), ms: fc.nat() }),
    { maxLength: 3 },
  ),
  decision: orNull(
    fc.record(
      {
        strategy: text,
        affinity: fc.constantFrom('warm', 'moved', 'new', null),
        considered: fc.array(fc.record({ account: text, verdict: text }), { maxLength: 3 }),
        rewriteTokens: fc.nat(),
        rewriteCostUsd: fc.nat(),
      },
      { requiredKeys: ['strategy', 'affinity', 'considered'] },
    ),
  ),
  tokens: fc.record({
    input: count,
    output: count,
    cacheRead: count,
    cacheWrite5m: count,
    cacheWrite1h: count,
  }),
  stopReason: orNull(text),
  upstreamRequestId: orNull(text),
  mayHaveRunTwice: fc.boolean(),
  error: orNull(text),
};

const limit = fc.record({
  id: text,
  scope: orNull(text),
  utilization: count,
  status: orNull(text),
  resetsAt: count,
});

const request = fc.oneof(
  fc.record(told),
  fc.record({ ...told, limits: fc.array(limit, { minLength: 1, maxLength: 3 }) }),
) as unknown as fc.Arbitrary<FinishedRequest>;

const event = fc.oneof(
  fc.record({ type: fc.constant('requestFinished'), at: fc.nat(), request }),
  fc.record({ type: fc.constant('logged'), at: fc.nat(), level: fc.constant('info'), text }),
) as unknown as fc.Arbitrary<ProxyEvent>;

test('what is unpacked is what was packed, in its order', () => {
  fc.assert(
    fc.property(fc.array(event, { maxLength: 10 }), (events) => {
      expect(unpackEvents(packEvents(events))).toEqual(events);
    }),
  );
});
