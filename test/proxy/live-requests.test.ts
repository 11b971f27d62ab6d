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
