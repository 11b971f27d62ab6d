import { describe, expect, it } from 'vitest';
import { localTime, timeOfDay } from '../../source/shared/local-time.ts';
import {
  auditText,
  errorText,
  orderText,
  overageText,
  pastText,
  planText,
  shareText,
  sourceText,
  tokenText,
} from '../../source/ui/account-texts.ts';
import { accountOf, later, now, windowOf } from './sample.ts';

const hour = 3_600_000;
const error = {
  at: now,
  status: 429,
  word: 'limited',
  window: '5h',
  model: 'claude-opus-5-5',
  error: null,
  passedTo: 'home',
};

describe('what is said of an account', () => {
  it('a moment that is over has its time of day, and its day when that was another one', () => {
    expect(pastText(later(-hour), now)).toBe(timeOfDay(later(-hour)));
    expect(pastText(later(-50 * hour), now)).toBe(localTime(later(-50 * hour), now));
  });

  it('only a login has a token that ends, and an unknown end is no end', () => {
    expect(tokenText(accountOf('key'), now)).toBe('');
    expect(tokenText(accountOf('max', { kind: 'login' }), now)).toBe('when its token ends is not known');
    expect(tokenText(accountOf('max', { kind: 'setup-token' }), now)).toBe(
      'when its token ends is not known',
    );
  });

  it('only a plan goes on in paid overage', () => {
    expect(overageText(accountOf('key'))).toBe('');
    expect(overageText(accountOf('max', { kind: 'login' }))).toMatch(/^paid overage is used when/);
    expect(overageText(accountOf('max', { kind: 'login', overage: 'forbid' }))).toBe('no paid overage');
    expect(overageText(accountOf('odd', { onOverage: true }))).toMatch(/this costs money/);
  });

  it('a key of the Console is money, and says so', () => {
    expect(planText(accountOf('key'))).toBe('API key, paid by the token');
  });

  it('has what its owner keeps it from, and says once that it is on overage', () => {
    const account = accountOf('max', { onOverage: true, caps: { '5h': 0.5 }, models: ['a*'], concurrent: 2 });
    expect(orderText(account)).toBe('priority 200; cap 5h 50%; 2 at once; a* only');
    expect(orderText(accountOf('max', { weight: 3 }))).toBe('priority 200, weight 3');
  });

  it('a window that was reset says now, and not when it was', () => {
    expect(shareText(windowOf('5h', 0.5, -1000), now)).toMatch(/^ 50% resets now, /);
  });

  it('where figures are from stands beside them', () => {
    const window = { ...windowOf('5h', 0.5, hour), status: null };
    expect(sourceText(window, undefined, now)).toBe(`told by an answer at ${timeOfDay(now)}`);
    const asked = { ...window, source: 'usage' as const, seenAt: later(-hour) };
    expect(sourceText(asked, { emptyAt: null, perHour: 0 }, now)).toBe(
      `read from the usage endpoint at ${timeOfDay(later(-hour))}, stale; lasts until its reset`,
    );
  });

  it('an error says what came, for which model, and who took over', () => {
    expect(errorText(error)).toBe('429 limited 5h, opus-5.5, passed on to home');
    expect(errorText({ ...error, status: null, word: 'unreachable', window: null, passedTo: null })).toBe(
      'no answer unreachable, opus-5.5',
    );
    expect(errorText({ ...error, status: null, word: 'no answer', window: null })).toBe(
      'no answer, opus-5.5, passed on to home',
    );
  });

  it('a record of the audit log is a sentence, one that nobody knows its own name', () => {
    const entry = { at: now, event: 'token.refreshFailed', via: 'instance', detail: 'reason it ended' };
    expect(auditText(entry)).toBe('its login was not renewed, by itself: reason it ended');
    expect(auditText({ ...entry, event: 'toString', via: 'constructor', detail: '' })).toBe(
      'toString, constructor',
    );
  });
});
