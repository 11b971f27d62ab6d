import { Socket } from 'node:net';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Exchange } from '../../source/proxy/exchange.ts';
import { LiveRequests } from '../../source/proxy/live-requests.ts';

const exchange = (id: number): Exchange => ({ id }) as unknown as Exchange;

test('holds exactly what was added and not removed, in any order of coming and going', () => {
  const steps = fc.array(fc.record({ add: fc.boolean(), id: fc.nat({ max: 20 }) }), { maxLength: 200 });
  fc.assert(
    fc.property(steps, (taken) => {
      const all = Array.from({ length: 21 }, (_, id) => exchange(id));
      const live = new LiveRequests();
      const model = new Set<Exchange>();
      for (const { add, id } of taken) {
        const one = all[id] as Exchange;
        if (add && !model.has(one)) {
          live.add(one);
          model.add(one);
        } else if (!add) {
          live.delete(one);
          model.delete(one);
        }
        expect(live.size).toBe(model.size);
      }
      expect(new Set(live)).toEqual(model);
    }),
  );
});

test('finds the requests of one connection, and no others', () => {
  const live = new LiveRequests();
  const sockets = [new Socket(), new Socket()] as const;
  const all = [0, 1, 0, 1, 0].map((n) => ({ request: { socket: sockets[n] } }) as unknown as Exchange);
  for (const one of all) live.add(one);
  expect(new Set(live.on(sockets[0]))).toEqual(new Set([all[0], all[2], all[4]]));
  for (const one of live.on(sockets[0])) live.delete(one);
  expect([live.on(sockets[0]), live.on(sockets[1]).length]).toEqual([[], 2]);
});
