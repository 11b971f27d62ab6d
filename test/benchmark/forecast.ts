import { readFileSync } from 'node:fs';
import { openWindows } from '../../source/demo/limits.ts';
import { spend, windowsAt } from '../../source/demo/quota.ts';
import { seededRandom } from '../../source/shared/seeded-random.ts';
import { isFull } from '../../source/shared/limit-window.ts';
import { asEpoch, type AccountId, type AccountView, type LimitWindow } from '../../source/shared/types.ts';
import { parseWorld } from '../../source/simulate/accounts.ts';
import { replay } from '../../source/simulate/replay.ts';
import { parseTrace } from '../../source/simulate/trace.ts';
import { forecastOf } from '../../source/store/forecast.ts';
import { poolForecastOf } from '../../source/store/pool-forecast.ts';
import { noUse, served, windowsSeen, type Use } from '../../source/store/trends.ts';
import { accountView } from '../store/samples.ts';

// How far off the forecasts are: simulated days are lived through once more, and every five minutes each window is asked
// when it will be empty; afterwards it is known when it was.

const minute = 60_000;
const everyMs = 5 * minute;
const traces = ['p2-mixed-4', 'p3-overload-3'];
const strategies = ['sticky', 'spread'] as const;

/** What an answer told of a window, or (null) what was served. */
type Told = { account: string; window: LimitWindow | null; at: number; usd: number };
type Asked = { window: string; at: number; emptyAt: number | null; resetsAt: number; key: string };

const folder = new URL('../fixtures/simulate/', import.meta.url);
const read = (name: string): unknown => JSON.parse(readFileSync(new URL(name, folder), 'utf8'));

const toldIn = (name: string, strategy: (typeof strategies)[number]): Told[] => {
  const told: Told[] = [];
  const trace = parseTrace(`${name}.trace.json`, name, read(`${name}.trace.json`));
  const { outcomes, bills } = replay(
    trace,
    parseWorld(`${name}.accounts.json`, read(`${name}.accounts.json`)),
    {
      strategy,
      holdMs: 0,
      random: seededRandom(1),
      onLimits: (account, { windows }, at) =>
        told.push(...windows.map((window) => ({ account, window, at, usd: 0 }))),
    },
  );
  for (const outcome of outcomes) {
    if (outcome.outcome !== 'served') continue;
    const { account, at, id } = outcome;
    told.push({ account, window: null, at: trace.startAt + at, usd: bills.get(id)?.total ?? 0 });
  }
  return told.sort((a, b) => a.at - b.at);
};

/** Twenty days of the accounts of the demo's provider: two people, hours of more and of less work, refused when spent. */
const toldByDemo = (): Told[] => {
  const random = seededRandom(5);
  const start = asEpoch(Date.parse('2026-11-02T00:00:00Z'));
  const told: Told[] = [];
  for (const account of ['demo-1', 'demo-2']) {
    const opened = openWindows({ kind: 'unified' }, start);
    let { spent } = opened;
    for (let hour = 0; hour < 20 * 24; hour += 1) {
      if (hour % 24 < 9 || hour % 24 > 18) continue;
      const perHour = 10 + random() * 80;
      for (let ms = 0; ms < 60 * minute; ms += (-Math.log(1 - random()) * 60 * minute) / perHour) {
        const now = asEpoch(Math.round(start + hour * 60 * minute + ms));
        const isSpent = windowsAt(opened.windows, spent, now).some(({ status }) => status === 'rejected');
        const usage = {
          input: 0,
          output: 2000 + random() * 9000,
          cacheRead: 0,
          cacheWrite5m: 0,
          cacheWrite1h: 0,
        };
        if (!isSpent)
          spent = spend(opened.windows, spent, { now, model: 'claude-opus-5-5', usage, requests: 1 });
        for (const { id, utilization, status, resetsAt } of windowsAt(opened.windows, spent, now)) {
          const used = Number(utilization.toFixed(2));
          const window = {
            id,
            scope: null,
            utilization: used,
            status,
            resetsAt,
            source: 'header',
            seenAt: now,
          } as const;
          told.push({ account, window, at: now, usd: 0 });
        }
      }
    }
  }
  return told.sort((a, b) => a.at - b.at);
};

/** What was asked, and when each period of a window was seen to be empty. */
const lived = (told: readonly Told[]): { asked: Asked[]; emptied: Map<string, number> } => {
  const asked: Asked[] = [];
  const emptied = new Map<string, number>();
  let use: Use = noUse;
  const pool = createPool();
  let next = told[0]?.at ?? 0;
  const keyOf = (account: string, window: string, resetsAt: number): string =>
    `${account} ${window} ${Math.round(resetsAt / minute)}`;
  for (const { account, window, at, usd } of told) {
    for (; next < at; next += everyMs) {
      pool.ask(use, next, asked);
      for (const trend of use.trends) {
        const { account: owner, window: id, resetsAt } = trend;
        if (resetsAt <= next || (trend.readings.at(-1)?.used ?? 1) >= 1) continue;
        const found = forecastOf(trend, asEpoch(next));
        const key = keyOf(owner, id, resetsAt);
        if (found === null) asked.push({ window: id, at: next, emptyAt: Number.NaN, resetsAt, key });
        else asked.push({ window: id, at: next, emptyAt: found.emptyAt, resetsAt, key });
      }
    }
    if (window === null) {
      use = served(use, account as AccountId, usd);
      continue;
    }
    use = windowsSeen(use, account as AccountId, [window]);
    pool.told(account, window, at, emptied);
    if (isFull(window) && window.resetsAt !== null) {
      const key = keyOf(account, window.id, window.resetsAt);
      if (!emptied.has(key)) emptied.set(key, at);
    }
  }
  return { asked, emptied };
};

/** The accounts as the proxy would see them, and when none of them could serve. */
const createPool = () => {
  const windows = new Map<string, Map<string, LimitWindow>>();
  let dry: string | null = null;
  let days = 0;
  const views = (now: number): AccountView[] =>
    [...windows].map(([name, own]) => {
      // Of a period that is over nothing is known, as in the proxy.
      const open = [...own.values()].map((window) =>
        (window.resetsAt ?? 0) > now
          ? window
          : { ...window, utilization: null, status: null, resetsAt: null },
      );
      const spent = open.filter((window) => isFull(window)).map(({ resetsAt }) => resetsAt ?? 0);
      const view = accountView(name, { kind: 'login', windows: open });
      const limited = { state: 'limited' as const, availableAt: asEpoch(Math.max(...spent)) };
      return { ...view, id: name as AccountId, ...(spent.length > 0 && limited) };
    });
  return {
    told(account: string, window: LimitWindow, at: number, emptied: Map<string, number>) {
      windows.set(account, (windows.get(account) ?? new Map<string, LimitWindow>()).set(window.id, window));
      const isDry = views(at).every(({ state }) => state === 'limited');
      if (isDry && dry === null) emptied.set((dry = `pool ${days}`), at);
      if (!isDry && dry !== null) [dry, days] = [null, days + 1];
    },
    ask(use: Use, now: number, asked: Asked[]) {
      const all = views(now);
      if (all.length < windows.size || all.every(({ state }) => state === 'limited')) return;
      const found = poolForecastOf(all, use, asEpoch(now));
      const emptyAt = found === null ? Number.NaN : found.dryAt;
      asked.push({ window: 'pool', at: now, emptyAt, resetsAt: found?.until ?? now, key: `pool ${days}` });
    },
  };
};

const quantile = (sorted: readonly number[], q: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? Number.NaN;

const horizons: Record<string, readonly number[]> = {
  '5h': [15, 30, 60, 120, 300],
  '7d': [360, 1440, 4320, 10_080],
  pool: [15, 30, 60, 120, 300],
};

const words = (minutes: number): string => (minutes < 360 ? `${minutes} min` : `${minutes / 60} h`);

const print = (window: string, asked: readonly Asked[], emptied: ReadonlyMap<string, number>): void => {
  process.stdout.write(`\n${window} windows that were used up: error of "empty at", in minutes\n`);
  let from = 0;
  for (const to of horizons[window] ?? []) {
    const near = asked.filter((each) => {
      const at = emptied.get(each.key) ?? Number.NaN;
      const ahead = (at - each.at) / minute;
      // Beyond the time that it looked ahead nothing was said.
      const isBeyond = each.emptyAt === null && at > each.resetsAt;
      return each.window === window && ahead > from && ahead <= to && !isBeyond;
    });
    const known = near.filter(({ emptyAt }) => !Number.isNaN(emptyAt));
    const errors = known
      .map(({ emptyAt, resetsAt, key }) => Math.abs((emptyAt ?? resetsAt) - (emptied.get(key) ?? 0)) / minute)
      .sort((a, b) => a - b);
    const missed = known.filter(({ emptyAt }) => emptyAt === null).length;
    process.stdout.write(
      `  ${words(from).padStart(7)} to ${words(to).padStart(7)} ahead: median ${quantile(errors, 0.5).toFixed(1)}, p90 ${quantile(errors, 0.9).toFixed(1)}` +
        ` (${near.length} asked, ${near.length - known.length} not known, ${missed} thought to last)\n`,
    );
    from = to;
  }
  const lasting = asked.filter((each) => each.window === window && !emptied.has(each.key));
  const told = lasting.filter(({ emptyAt }) => !Number.isNaN(emptyAt));
  const wrong = told.filter(({ emptyAt }) => emptyAt !== null).length;
  process.stdout.write(
    `  windows that lasted: ${told.length} forecasts, ${((100 * wrong) / Math.max(1, told.length)).toFixed(1)} % said they would not\n`,
  );
};

const asked: Asked[] = [];
const emptied = new Map<string, number>();
const take = (name: string, told: readonly Told[]): void => {
  const found = lived(told);
  for (const each of found.asked) asked.push({ ...each, key: `${name} ${each.key}` });
  for (const [key, at] of found.emptied) emptied.set(`${name} ${key}`, at);
};
for (const name of traces) {
  for (const strategy of strategies) take(`${name} ${strategy}`, toldIn(name, strategy));
}
const report = (title: string): void => {
  process.stdout.write(`\n${title}\n`);
  for (const window of Object.keys(horizons)) print(window, asked, emptied);
};
report('Traces');
asked.length = 0;
emptied.clear();
take('demo', toldByDemo());
report('Accounts of the demo');
