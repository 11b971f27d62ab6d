import { readFileSync } from 'node:fs';
import { parseWorld, type World } from '../../source/simulate/accounts.ts';
import { parseTrace, type Trace } from '../../source/simulate/trace.ts';

export const columns = 'at session agent task model sys epoch prompt output durMs after gapMs'.split(' ');

/** A trace of four requests, small enough to be reckoned by hand: prices are 10 in, 50 out, 12.5 written, 1 read. */
export const smallTrace = (changes: Record<string, unknown> = {}): Record<string, unknown> => ({
  format: 'ccr-trace/1',
  seed: 1,
  startAt: '2026-11-02T00:00:00Z',
  horizonMs: 7_200_000,
  cacheTtl: '5m',
  models: ['opus'],
  prices: { opus: { input: 10, output: 50, write5m: 12.5, write1h: 20, read: 1 } },
  sysTokens: [1000],
  columns,
  requests: [
    [0, 0, 0, 0, 0, 0, 0, 10_000, 100, 1000, -1, 0],
    [2000, 0, 0, 0, 0, 0, 0, 12_000, 100, 1000, 0, 1000],
    [400_000, 0, 0, 1, 0, 0, 0, 14_000, 100, 1000, 1, 5000],
    [401_000, 1, 0, 2, 0, 0, 0, 5000, 10, 1000, -1, 0],
  ],
  ...changes,
});

const window = (capacityUsd: number) => ({
  id: '5h',
  kind: 'first-use',
  lengthMs: 3_600_000,
  capacityUsd,
  models: null,
});

/** Two accounts: the first one is full after one request. */
export const smallWorld = (changes: Record<string, unknown> = {}): Record<string, unknown> => ({
  format: 'ccr-accounts/1',
  policy: { maxHoldMs: 600_000, failoverMs: 300, firstByteMs: 500 },
  accounts: [
    { name: 'a', kind: 'plan', priority: 0, windows: [window(0.13)], external: [] },
    { name: 'b', kind: 'plan', priority: 1, windows: [window(10)], external: [[100, 0.5]] },
  ],
  bound: { usd: 1 },
  ...changes,
});

export const traceOf = (value: unknown): Trace => parseTrace('trace.json', 'small', value);
export const worldOf = (value: unknown): World => parseWorld('accounts.json', value);

const fixture = (file: string): unknown =>
  JSON.parse(readFileSync(new URL(`../fixtures/simulate/${file}`, import.meta.url), 'utf8'));

/** A recorded scenario: ten days of 15,000 requests. */
export const scenario = (name: string): { trace: Trace; world: World } => ({
  trace: parseTrace(`${name}.trace.json`, name, fixture(`${name}.trace.json`)),
  world: worldOf(fixture(`${name}.accounts.json`)),
});
