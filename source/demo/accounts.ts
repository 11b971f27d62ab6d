import type { AccountKind } from '../shared/types.ts';
import type { Limits } from './limits.ts';

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** An account of the demo: how the proxy is told of it, and what the simulated provider makes of it. */
export type DemoAccount = {
  name: string;
  kind: Extract<AccountKind, 'api-key' | 'compatible' | 'login' | 'setup-token'>;
  /** What the simulated provider calls the plan of a login; null for what is none. */
  plan: string | null;
  /** Lower is tried first. */
  priority: number;
  limits: Limits;
};

// All of one person, who works with Claude Code under a plan of the company and a plan of her own, and has keys beside
// them. However long the demo runs, somebody can serve: the weeks hold more than that traffic can spend.
export const demoAccounts: readonly DemoAccount[] = [
  {
    name: 'work',
    kind: 'login',
    plan: 'team',
    priority: 100,
    // Five hours that last two minutes, so that a viewer sees them run out and come back: spent within the first quarter
    // of a minute, back at the end of the first one, and again every two minutes.
    limits: {
      kind: 'unified',
      quota: { '5h': 70_000, '7d': 60_000_000 },
      used: { '5h': 0.72, '7d': 0.31 },
      lengthMs: { '5h': 110 * second },
      elapsedMs: { '5h': 55 * second, '7d': 5.1 * day },
    },
  },
  {
    name: 'home',
    kind: 'login',
    plan: 'max',
    priority: 100,
    limits: {
      kind: 'unified',
      quota: { '5h': 3_000_000, '7d': 400_000_000, '7d_opus': 150_000_000 },
      used: { '5h': 0.64, '7d': 0.52, '7d_opus': 0.81 },
      elapsedMs: { '5h': 2.6 * hour, '7d': 4.6 * day, '7d_opus': 4.6 * day },
      overage: { used: 0.12, resetsInMs: 9.4 * day },
    },
  },
  {
    name: 'lab',
    kind: 'setup-token',
    plan: null,
    priority: 100,
    limits: {
      kind: 'unified',
      quota: { '5h': 3_000_000, '7d': 400_000_000 },
      used: { '5h': 0.27, '7d': 0.64 },
      elapsedMs: { '5h': 1.1 * hour, '7d': 3.2 * day },
    },
  },
  {
    name: 'team-a',
    kind: 'api-key',
    plan: null,
    priority: 100,
    limits: {
      kind: 'classic',
      quota: { requests: 50, tokens: 100_000, 'input-tokens': 80_000, 'output-tokens': 16_000 },
    },
  },
  // Of another provider: serves when none of the others does.
  { name: 'relay', kind: 'compatible', plan: null, priority: 200, limits: { kind: 'none' } },
];

/**
 * What the simulated provider wants to be shown for the account of that name, after so many new tokens. Opens nothing
 * anywhere else.
 */
export const demoKey = (name: string, renewals = 0): string =>
  renewals === 0 ? `demo-${name}` : `demo-${name}-${renewals}`;
