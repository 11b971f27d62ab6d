import type { AccountKind } from '../shared/types.ts';
import type { Limits } from './limits.ts';

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;

/** An account of the demo: how the proxy is told of it, and what the simulated provider makes of it. */
export type DemoAccount = {
  name: string;
  kind: Extract<AccountKind, 'api-key' | 'compatible'>;
  /** Lower is tried first. */
  priority: number;
  limits: Limits;
};

// Windows are short, so that a viewer sees them run out and come back; the countdowns to their resets are true all the
// same. The `7d` windows last six hours and hold more than that traffic can spend: however long the demo runs, somebody
// can serve.
export const demoAccounts: readonly DemoAccount[] = [
  {
    name: 'work',
    kind: 'api-key',
    priority: 100,
    // Runs out within the first quarter of a minute, is back at the end of the first one, and again every two minutes.
    limits: {
      kind: 'unified',
      quota: { '5h': 70_000, '7d': 60_000_000 },
      used: { '5h': 0.52, '7d': 0.31 },
      lengthMs: { '5h': 110 * second, '7d': 6 * hour },
      elapsedMs: { '5h': 55 * second, '7d': 2.2 * hour },
    },
  },
  {
    name: 'home',
    kind: 'api-key',
    priority: 100,
    limits: {
      kind: 'unified',
      quota: { '5h': 9_000_000, '7d': 90_000_000 },
      used: { '5h': 0.38, '7d': 0.52 },
      lengthMs: { '5h': 40 * minute, '7d': 6 * hour },
      elapsedMs: { '5h': 12 * minute, '7d': 4.1 * hour },
    },
  },
  {
    name: 'team-a',
    kind: 'api-key',
    priority: 100,
    limits: {
      kind: 'classic',
      quota: { requests: 50, tokens: 100_000, 'input-tokens': 80_000, 'output-tokens': 16_000 },
    },
  },
  // Of another provider: serves when none of the others does.
  { name: 'relay', kind: 'compatible', priority: 200, limits: { kind: 'none' } },
];

/** What the simulated provider wants to be shown for the account of that name. Opens nothing anywhere else. */
export const demoKey = (name: string): string => `demo-${name}`;
