import { describe, expect, it } from 'vitest';
import type { Upstream } from '../../source/demo/upstream.ts';
import { seededRandom } from '../../source/shared/seeded-random.ts';
import { asEpoch } from '../../source/shared/types.ts';
import { percent } from '../../source/ui/widgets/gauge.ts';
import { keys, type Pty } from '../kit/pty.ts';
import { ask, unlimited, until, useWorld } from './world.ts';

const world = useWorld();
const names = ['alpha', 'beta', 'gamma', 'delta'] as const;

type Account = { state: string; requests: number; used: string[] };
type Picture = Record<string, Account>;

const serving = new Set(['ready', 'serving', 'limited', 'paused']);

/** What a client can know: what the provider really served and refused, and the windows as it last told them. */
const truthOf = (upstream: Upstream, paused: ReadonlySet<string>): Picture => {
  const now = Date.now();
  const all = upstream.truth();
  return Object.fromEntries(
    names.map((name) => {
      const { told, served, refused } = all[name]!;
      // The headers carry hundredths and whole seconds.
      const windows = (told ?? []).map((each) => ({
        ...each,
        utilization: Number(each.utilization.toFixed(2)),
        over: Math.ceil(each.resetsAt / 1000) * 1000 <= now,
      }));
      const spent = windows.some(
        ({ over, status, utilization }) => !over && (status === 'rejected' || utilization >= 1),
      );
      const state = paused.has(name) ? 'paused' : spent ? 'limited' : 'ready';
      const used = windows.map(({ over, utilization }) => (over ? '—' : percent(utilization)));
      return [name, { state, requests: served + refused, used }];
    }),
  );
};

/** The same as a person reads it in the rows of the accounts. */
const screenOf = (pty: Pty): Picture =>
  Object.fromEntries(
    names.flatMap((name) => {
      const row = pty.screen.lines().find((line) => new RegExp(`^.{0,4}\\b${name} `).test(line));
      if (row === undefined) return [];
      const words = row.slice(row.indexOf(name) + name.length).split(/\s+/);
      const state = words.find((word) => serving.has(word)) ?? '';
      // Behind the windows of a row come its counters: requests, in flight.
      const [requests] = /(\d+) +\d+(?: +[^\d\s].*)?$/.exec(row.trimEnd())?.slice(1) ?? [];
      // A share stands before its countdown, which has a unit: behind a forecast stands a bar or a counter. An account of which no window is known has a dash for both.
      const shares = [...row.matchAll(/(<?\d+%|—) +(?:[\ddhms]*[dhms]\??|now|—\??)(?= |$)/g)];
      const used = shares.map(([, share]) => share!);
      const known = used.length > 1 || used[0] !== '—';
      return [[name, { state, requests: Number(requests), used: known ? used : [] }]];
    }),
  );

type Status = {
  accounts: { name: string; state: string; requests: number; windows: { utilization: number | null }[] }[];
};

const statusOf = async (): Promise<Picture> => {
  const [status] = await world.json<Status>(['status']);
  return Object.fromEntries(
    status!.accounts.map(({ name, state, requests, windows }) => [
      name,
      { state, requests, used: windows.map(({ utilization }) => percent(utilization)) },
    ]),
  );
};

const send = async (url: string, session: string): Promise<void> => {
  const response = await fetch(`${url}/v1/messages`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: 'Bearer ccr' },
    body: JSON.stringify(ask('hello again and again', session)),
  });
  await response.arrayBuffer();
};

describe('the screen, `status --json` and the provider', () => {
  it('say the same at 50 random moments, with windows that run out and reset, and accounts that pause', async () => {
    const random = seededRandom(20_261_122);
    const pick = (count: number): number => Math.floor(random() * count);
    // The headers tell whole seconds: what ends within one would be told as running on to its end.
    const anchor = asEpoch(Math.floor(Date.now() / 1000) * 1000);
    const windows = {
      anchor,
      quota: { '5h': 400, '7d': 100_000 },
      lengthMs: { '5h': 6000, '7d': 3_600_000 },
    };
    const upstream = await world.provider({
      alpha: { kind: 'unified', ...windows },
      beta: { kind: 'unified', ...windows, used: { '5h': 0.5 } },
      gamma: { kind: 'unified', ...windows, used: { '7d': 0.86 } },
      delta: unlimited,
    });
    for (const name of names) await world.add(name, upstream);
    const pty = world.open(['--port', '0'], { columns: 140, rows: 30 });
    await pty.waitFor((lines) => names.every((name) => lines.some((line) => line.includes(name))));
    const { url } = await until(
      async () => (await world.json<{ url: string | null }>(['status']))[0]!,
      (status) => status.url !== null,
    );
    const paused = new Set<string>();
    const seen = new Set<string>();
    for (let moment = 0; moment < 50; moment += 1) {
      if (random() < 0.3) {
        const row = pick(names.length);
        // Sorted by name, all of one priority.
        const name = names.toSorted()[row]!;
        pty.send(`kkkk${'j'.repeat(row)}p`);
        if (!paused.delete(name)) paused.add(name);
      }
      await Promise.all(Array.from({ length: pick(6) }, () => send(url!, `conversation ${pick(5)}`)));
      const same = await until(
        async () => ({
          truth: truthOf(upstream, paused),
          screen: screenOf(pty),
          status: await statusOf(),
        }),
        ({ truth, screen, status }) =>
          JSON.stringify(truth) === JSON.stringify(screen) &&
          JSON.stringify(truth) === JSON.stringify(Object.fromEntries(names.map((n) => [n, status[n]]))),
      );
      for (const { state } of Object.values(same.truth)) seen.add(state);
    }
    // The moments were worth comparing.
    expect([...seen].sort()).toEqual(['limited', 'paused', 'ready']);
    pty.send(keys.ctrlC);
    expect((await pty.exit).code).toBe(130);
  }, 120_000);
});
