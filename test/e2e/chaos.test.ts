import { describe, expect, it } from 'vitest';
import { createChaosClient, modelOf, type Seen } from '../kit/chaos-client.ts';
import { planOf, type Plan } from '../kit/chaos-plan.ts';
import { startChaosUpstream } from '../kit/chaos-upstream.ts';
import { inRun } from '../kit/long-run.ts';
import { until, useWorld } from './world.ts';

const world = useWorld();
const count = inRun(800, 20_000);
const clients = 24;

/** `CCR_TEST_SEED=N` repeats what a failed run has named. */
const seed = Number(process.env['CCR_TEST_SEED'] ?? Date.now() % 1_000_000);

type Row = {
  id: string;
  model: string | null;
  status: number | null;
  outcome: string;
  error: string | null;
  attempts: { verdict: string }[];
};

/** Whether the row tells what the client saw. */
const agrees = (seen: Seen, row: Row): boolean => {
  switch (seen.kind) {
    case 'success':
      return row.outcome === 'ok' && row.status === 200 && row.attempts.length === seen.attempts;
    case 'error':
      return (
        row.status === seen.status &&
        (seen.code === null ? row.outcome === 'error' : row.outcome === 'rejected' && row.error === seen.code)
      );
    case 'failed-stream':
      return row.outcome === (seen.whole ? 'error' : 'truncated');
    case 'cut':
      return row.outcome === 'truncated';
    default:
      return row.outcome !== '';
  }
};

const rowsOf = async (): Promise<Row[]> => world.json<Row>(['history']);

describe('chaos', () => {
  it(
    `${count} requests through every fault: each ends once, as its row says, and nothing is left behind`,
    { timeout: inRun(60_000, 600_000) },
    async () => {
      const plans = Array.from({ length: count }, (_, index) => planOf(seed, index, count));
      const calm: Plan = { ...planOf(seed, -1, count), stream: false, padding: 0, leave: null, toxics: [] };
      const upstream = await startChaosUpstream((index) => plans[index] ?? { ...calm, index });
      try {
        for (const name of ['a', 'b', 'c']) await world.add(name, upstream);
        const { port } = await world.serve();
        const seen: Seen[] = [];
        let next = 0;
        const run = async (): Promise<void> => {
          const client = createChaosClient(port);
          for (let plan = plans[next++]; plan; plan = plans[next++])
            seen[plan.index] = await client.ask(plan);
          client.close();
        };
        await Promise.all(Array.from({ length: clients }, run));
        await check(seen, plans);
        const client = createChaosClient(port);
        const last = await until(
          () => client.ask({ ...calm, index: count }),
          ({ kind }) => kind === 'success',
        );
        expect(last.kind).toBe('success');
        client.close();
      } catch (error) {
        throw new Error(`CCR_TEST_SEED=${seed} repeats this`, { cause: error });
      } finally {
        await upstream.close();
      }
    },
  );

  const check = async (seen: readonly Seen[], plans: readonly Plan[]): Promise<void> => {
    const wrong = seen.flatMap((each, index) =>
      each.kind === 'wrong' ? [{ ...plans[index], ...each }] : [],
    );
    expect(wrong).toEqual([]);
    expect(seen).toHaveLength(plans.length);
    const rows = await until(rowsOf, (found) => found.length >= count);
    expect(rows).toHaveLength(count);
    const known = new Map(rows.map((row) => [row.id, row]));
    expect(known.size).toBe(count);
    const disagreeing = seen.flatMap((each, index) => {
      if (!('id' in each)) return [];
      const row = known.get(each.id);
      known.delete(each.id);
      const fits = row !== undefined && row.model === modelOf(index) && agrees(each, row);
      return fits ? [] : [{ each, row, toxics: plans[index]?.toxics }];
    });
    expect(disagreeing).toEqual([]);
    // What is left belongs to those who left; who left within the upload named no model.
    const left = plans.filter((_, index) => seen[index]?.kind === 'left');
    expect(known.size).toBe(left.length);
    const nameless = [...known.values()].filter(({ model }) => model === null);
    expect(nameless.map(({ outcome }) => outcome)).toEqual(
      left.filter(({ leave }) => leave === 'mid-upload').map(() => 'aborted'),
    );
    const [status] = await until(
      () => world.json<{ inFlight: number; accounts: { inFlight: number }[] }>(['status']),
      ([found]) => found?.inFlight === 0,
    );
    expect(status?.accounts.map(({ inFlight }) => inFlight)).toEqual([0, 0, 0]);
    // A run that shows nothing but one ending shows nothing.
    const kinds = new Set(seen.map(({ kind }) => kind));
    expect([...kinds].toSorted()).toEqual(['cut', 'error', 'failed-stream', 'left', 'success']);
  };
});
