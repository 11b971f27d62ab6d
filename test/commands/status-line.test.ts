import { describe, expect, it } from 'vitest';
import { statusLine } from '../../source/commands/status-line.ts';
import type { BudgetView } from '../../source/shared/budget.ts';
import type { InstanceStatus } from '../../source/shared/commands.ts';
import { displayWidth } from '../../source/shared/display-width.ts';
import { asEpoch, type AccountView, type LimitWindow } from '../../source/shared/types.ts';
import { hostileText } from '../kit/hostile-text.ts';
import { accountView } from '../store/samples.ts';
import { statusSample } from './status-sample.ts';

const now = asEpoch(1_795_000_000_000);
const minute = 60_000;
const windowOf = (
  id: string,
  utilization: number | null,
  minutes: number,
  part: Partial<LimitWindow> = {},
) => ({
  id,
  scope: null,
  utilization,
  status: 'allowed',
  resetsAt: asEpoch(now + minutes * minute),
  source: 'header' as const,
  seenAt: now,
  ...part,
});
const shown = (accounts: AccountView[], part: Partial<InstanceStatus> = {}): string =>
  statusLine(statusSample({ accounts, ...part }), now);

const work = accountView('work', {
  state: 'serving',
  inFlight: 1,
  windows: [
    windowOf('requests', 0.3, 1, { status: null }),
    windowOf('7d', 0.309, 76 * 60),
    windowOf('7d_opus', 0.9, 76 * 60, { scope: 'opus' }),
    windowOf('overage', 0.9, 76 * 60),
    windowOf('5h', 0.671, 102),
  ],
});
const home = accountView('home', { lastUsedAt: asEpoch(now - 1000) });
const spare = accountView('spare', { state: 'paused', paused: true });

describe('statusLine', () => {
  it('says how many can serve, and what the plan of the one that does has left', () => {
    expect(shown([home, work, spare])).toBe('ccr-tui 2/3 ready | work 5h 67% 1h42m 7d 30% 3d4h');
    expect(shown([{ ...work, inFlight: 0 }, home])).toBe('ccr-tui 2/2 ready | home');
    expect(shown([])).toBe('ccr-tui: no account yet');
  });

  it('says when one is back where none can serve', () => {
    const limited = (name: string, minutes: number) =>
      accountView(name, { state: 'limited', availableAt: asEpoch(now + minutes * minute) });
    expect(shown([limited('a', 90), limited('b', 12), spare])).toBe('ccr-tui 0/3 ready | back in 12m');
    expect(shown([spare])).toBe('ccr-tui 0/1 ready | all paused');
    expect(shown([spare, accountView('x', { state: 'error' })])).toBe('ccr-tui 0/2 ready');
  });

  it('marks what is stale, and says nothing of what is unknown', () => {
    const old = windowOf('5h', 0.5, 102, { seenAt: asEpoch(now - 11 * minute) });
    expect(shown([accountView('a', { windows: [old, windowOf('7d', null, 9)] })])).toBe(
      'ccr-tui 1/1 ready | a 5h 50%? 1h42m',
    );
    const impossible = windowOf('5h', 0.5, 600);
    expect(shown([accountView('a', { windows: [impossible] })])).toBe('ccr-tui 1/1 ready | a 5h 50% —');
    const unknown = windowOf('5h', 0.5, 0, { resetsAt: null });
    expect(shown([accountView('a', { windows: [unknown] })])).toBe('ccr-tui 1/1 ready | a 5h 50%');
  });

  it('tells of a pool that runs dry and of a budget that is nearly spent', () => {
    const pool = { dryAt: asEpoch(now + 60 * minute), until: asEpoch(now + 99 * minute) };
    expect(shown([home], { pool })).toMatch(/^ccr-tui 1\/1 ready \| home \| dry at ~\d\d:\d\d$/);
    expect(shown([home], { pool: { ...pool, dryAt: null } })).toBe('ccr-tui 1/1 ready | home');
    const budget = (spent: number | null): BudgetView => ({
      text: 'all 10usd/day',
      scope: { kind: 'all' },
      limit: { unit: 'usd', most: 10 },
      period: 'day',
      hard: true,
      spent,
      resetsAt: asEpoch(now + minute),
    });
    expect(shown([home], { budgets: [budget(null), budget(7.9)] })).toBe('ccr-tui 1/1 ready | home');
    expect(shown([home], { budgets: [budget(2), budget(8.6)] })).toMatch(/ \| budget 86%$/);
    expect(shown([home], { budgets: [budget(12)] })).toMatch(/ \| budget spent$/);
  });

  it.each([...hostileText, ['a format of tmux', '#[fg=red]#(id)', ''] as const])(
    'passes on nothing that a terminal or tmux would obey: %s',
    (_, text) => {
      const line = shown([accountView(text, { windows: [windowOf(text, 0.5, 9)] })]);
      // oxlint-disable-next-line no-control-regex -- these are what must not be there
      expect(line).not.toMatch(/[#\u0000-\u001F\u007F-\u009F\u200B-\u200D\u202E\u2066-\u2069\uFEFF]/);
      expect(displayWidth(line)).toBeLessThan(80);
    },
  );
});
