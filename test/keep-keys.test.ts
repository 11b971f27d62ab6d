import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadSettings, type Settings } from '../source/config/settings.ts';
import { keepKeys, type KeepKeysOptions, type KeptKeys } from '../source/keep-keys.ts';
import type { Spending } from '../source/proxy/key-limits.ts';
import { unlimited, type ClientKeyRecord } from '../source/shared/client-key.ts';
import { systemClock } from '../source/shared/clock.ts';
import { asDuration, asEpoch, type EpochMs, type FinishedRequest } from '../source/shared/types.ts';
import { readSpent } from '../source/history/spent.ts';
import { pricedRequest, priceOf } from '../source/store/prices.ts';
import { keyRecord } from './kit/records.ts';
import { temporaryHome, type TemporaryHome } from './kit/temporary-home.ts';
import { writeHistory } from './kit/given-history.ts';
import { finishedRequest } from './store/samples.ts';

const record = (name: string, more: Partial<ClientKeyRecord> = {}): ClientKeyRecord =>
  keyRecord(name, { id: `id-${name}`, createdAt: asEpoch(systemClock.now() - 1000), ...more });

const request = (client: string, at: EpochMs = systemClock.now()): FinishedRequest =>
  ({
    client,
    at,
    model: 'claude-opus-5-5',
    upstreamModel: null,
    totalMs: asDuration(0),
    tokens: { input: 5, output: 0, cacheRead: null, cacheWrite5m: null, cacheWrite1h: null },
  }) as FinishedRequest;

const open: KeptKeys[] = [];
let home: TemporaryHome;
beforeEach(async () => {
  home = await temporaryHome();
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((kept) => kept.close()));
  await home.remove();
});

const keep = (clientKeys: ClientKeyRecord[], more: Partial<KeepKeysOptions> = {}) => {
  const settings: Settings = {
    ...loadSettings({ paths: { config: '/nonexistent/config.json' }, env: {} }),
    clientKeys,
  };
  const told: ReadonlyMap<string, Spending>[] = [];
  const noted: ReadonlyMap<string, EpochMs>[] = [];
  const ended: string[] = [];
  const logged: string[] = [];
  const kept = keepKeys({
    settings,
    clock: systemClock,
    price: priceOf,
    proxy: { setSpending: (spending) => told.push(spending) },
    spent: () => [],
    log: (_level, text) => logged.push(text),
    keys: {
      endRuns: async (isOver) => {
        const over = settings.clientKeys.filter(({ process }) => process !== null && isOver(process));
        ended.push(...over.map(({ name }) => name));
        settings.clientKeys = settings.clientKeys.filter((key) => !over.includes(key));
      },
      noteUses: async (uses) => void noted.push(uses),
    },
    ...more,
  });
  open.push(kept);
  const finish = (client: string, at?: EpochMs): void =>
    kept.apply([{ type: 'requestFinished', at: systemClock.now(), request: request(client, at) }]);
  return { kept, settings, told, noted, ended, logged, finish };
};

test('knows when a key was used last, and writes it down when it closes', async () => {
  const { kept, finish, noted, told } = keep([record('laptop')]);
  finish('default');
  finish('unknown');
  expect(kept.lastUse('id-laptop')).toBeNull();
  const at = systemClock.now();
  finish('laptop', at);
  // One that began earlier may end later.
  finish('laptop', asEpoch(at - 500));
  expect(kept.lastUse('id-laptop')).toBe(at);
  await kept.close();
  expect(noted).toEqual([new Map([['id-laptop', at]])]);
  // Without a budget nobody counts; it is told once that there is nothing.
  expect(told).toEqual([new Map()]);
});

test('counts what a key with a budget spends, after what the history tells of this day', async () => {
  const limits = { ...unlimited, dailyTokens: 100 };
  const midnight = Math.floor(systemClock.now() / 86_400_000) * 86_400_000;
  const long = (endedAfter: number): FinishedRequest => ({
    ...request('ci', asEpoch(midnight - 60_000)),
    totalMs: asDuration(60_000 + endedAfter),
  });
  const file = `${home.path}/history.sqlite`;
  // A request counts on the day on which it ended. Those of before the key was made are of one that there was before.
  const made = asEpoch(midnight - 90_000);
  const early = (at: number): FinishedRequest => ({
    ...request('ci', asEpoch(at)),
    totalMs: asDuration(200_000),
  });
  const rows = [
    long(-1),
    long(1),
    request('ci', asEpoch(midnight)),
    request('ci', asEpoch(0)),
    early(made - 1),
    request('default'),
  ];
  writeHistory(
    file,
    rows.map((row, n) => pricedRequest({ ...finishedRequest(n), ...row }, priceOf)),
  );
  const { finish, told } = keep([record('ci', { limits, createdAt: made })], {
    spent: (span, cuts) => readSpent(file, span, cuts),
  });
  await expect.poll(() => told.at(-1)?.get('id-ci')?.tokens).toBe(10);
  finish('ci');
  expect(told.at(-1)?.get('id-ci')?.tokens).toBe(15);
});

test('a history that cannot be read is said, and stops nothing', async () => {
  const limits = { ...unlimited, dailyUsd: 1 };
  const { finish, told, logged } = keep([record('ci', { limits })], {
    spent: () => {
      throw new Error('it is damaged');
    },
  });
  await expect.poll(() => logged).toEqual(['the client keys were not kept up to date: it is damaged']);
  // Keys with a budget wait for this.
  expect(told).toEqual([new Map()]);
  finish('ci');
  expect(told.at(-1)?.get('id-ci')?.tokens).toBe(5);
});

test('ends the key of a process that is over, and no other', async () => {
  const living = { pid: process.pid, birth: null };
  const { ended } = keep([
    record('living', { kind: 'run', process: living }),
    record('over', { kind: 'run', process: { pid: process.pid, birth: '' } }),
    record('another', { kind: 'run', process: { pid: process.pid, birth: 'boot:1' } }),
    record('laptop'),
  ]);
  await expect.poll(() => ended, { timeout: 3000 }).toEqual(['over', 'another']);
});
