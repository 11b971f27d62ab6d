import { describe, expect, it } from 'vitest';
import { remarkOf, remarkRoom } from '../../../source/ui/panes/account-remark.ts';
import { accountOf, busyState, later, now, windowOf } from '../sample.ts';

const minute = 60_000;
const { accounts } = busyState;

describe('remarkOf', () => {
  it('is empty when the row says it all', () => {
    for (const account of accounts) expect(remarkOf(account, [], now)).toBe('');
  });

  it('says until when, where no column does', () => {
    const limited = accounts[2]!;
    expect(remarkOf(limited, limited.windows, now)).toBe('5h limit reached; back in 12m');
    const other = { ...limited, reason: 'reached its limit', availableAt: later(20 * minute) };
    expect(remarkOf(other, [], now)).toBe('reached its limit; back in 20m');
  });

  it('says what to do where there is something to do', () => {
    const refused = accountOf('a', {
      state: 'error',
      reason: 'the provider refused its key (401)',
      availableAt: later(5 * minute),
    });
    expect(remarkOf(refused, [], now)).toBe('key refused (401): remove and re-add it; retry in 5m00s');
    expect(remarkOf(accountOf('a', { state: 'error', reason: 'keychain locked' }), [], now)).toBe(
      'keychain locked',
    );
  });

  it('names windows without a column that are nearly spent', () => {
    const hidden = [windowOf('tokens', 0.5, minute), windowOf('output-tokens', 0.95, 30_000)];
    expect(remarkOf(accounts[0]!, hidden, now)).toBe('out 95%, resets in 30s');
    expect(remarkOf(accounts[0]!, hidden, later(31_000))).toBe('out 95%, resets now');
    expect(remarkRoom('out 95%, resets now')).toBe(remarkRoom('out 95%, resets in 30s'));
  });

  it('lets nothing from outside act on the terminal', () => {
    const hostile = accountOf('a', { state: 'error', reason: '\u001B[2J\u202E' });
    expect(remarkOf(hostile, [], now)).toBe('\\x1b[2J\\u202e');
  });
});

describe('remarkRoom', () => {
  it('is the same while the countdown runs', () => {
    const resting = (leftMs: number) =>
      accountOf('a', { state: 'benched', reason: 'overloaded (529)', availableAt: later(leftMs) });
    const rooms = [50 * 60 * minute, 11 * minute, 9.5 * minute, 5000].map((left) =>
      remarkRoom(remarkOf(resting(left), [], now)),
    );
    expect(new Set(rooms).size).toBe(1);
    expect(remarkRoom('keychain locked')).toBe(15);
  });
});
