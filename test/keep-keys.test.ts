import { afterEach, expect, test } from 'vitest';
import { loadSettings, type Settings } from '../source/config/settings.ts';
import { keepKeys, type KeepKeysOptions, type KeptKeys } from '../source/keep-keys.ts';
import type { Spending } from '../source/proxy/key-limits.ts';
import { unlimited, type ClientKeyRecord } from '../source/shared/client-key.ts';
import { systemClock } from '../source/shared/clock.ts';
import { asDuration, asEpoch, type EpochMs, type FinishedRequest } from '../source/shared/types.ts';
import { priceOf } from '../source/store/prices.ts';

const record = (name: string, more: Partial<ClientKeyRecord> = {}): ClientKeyRecord => ({
  id: `id-${name}`,
  name,
  kind: 'user',
  hash: '',
  previous: null,
  store: 'vault',
  createdAt: asEpoch(systemClock.now() - 1000),
  lastUsedAt: null,
  revokedAt: null,
  limits: unlimited,
  process: null,
  ...more,
});

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
afterEach(() => Promise.all(open.splice(0).map((kept) => kept.close())));

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
    begunSince: () => [],
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
  const { finish, told } = keep([record('ci', { limits, createdAt: asEpoch(midnight - 3_600_000) })], {
    begunSince: (time) => {
      expect(time).toBeLessThan(midnight - 3_600_000);
      // A request counts on the day on which it ended. The last one of its name is of a key that there was before.
      return [
        long(-1),
        long(1),
        request('ci', asEpoch(midnight)),
        request('ci', asEpoch(0)),
        request('default'),
      ];
    },
  });
  await expect.poll(() => told.at(-1)?.get('id-ci')?.tokens).toBe(10);
  finish('ci');
  expect(told.at(-1)?.get('id-ci')?.tokens).toBe(15);
});

test('a history that cannot be read is said, and stops nothing', async () => {
  const limits = { ...unlimited, dailyUsd: 1 };
  const { finish, told, logged } = keep([record('ci', { limits })], {
    begunSince: () => {
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
