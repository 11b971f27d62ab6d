import { describe, expect, test } from 'vitest';
import { loginFactsJson, parseLoginFacts } from '../../source/config/login-facts.ts';
import { asEpoch, type LoginFacts } from '../../source/shared/types.ts';

const facts: LoginFacts = {
  termsAcceptedAt: asEpoch(1_790_000_000_123),
  linkedTo: '/home/me/.claude',
  accountUuid: '00000000-0000-4000-8000-000000000003',
  organization: null,
  plan: 'max',
};

test('come back from JSON exactly as they were', () => {
  expect(parseLoginFacts(JSON.parse(JSON.stringify(loginFactsJson(facts))))).toEqual({
    ok: true,
    value: facts,
  });
});

describe('what is wrong is named', () => {
  test.each<[object, string]>([
    [{ termsAcceptedAt: 1 }, 'termsAcceptedAt 1 is not a time'],
    [{ linkedTo: 'relative' }, 'linkedTo "relative" is not an absolute path'],
    [{ linkedTo: '' }, 'linkedTo is empty'],
    [{ plan: '\u001B[31m' }, 'plan "'],
    [{ organization: 7 }, 'organization 7 is not a name'],
    [{ token: 'x' }, 'has "token", which is not known'],
  ])('%j', (change, what) => {
    const checked = parseLoginFacts({ ...loginFactsJson(facts), ...change });
    expect(checked).toMatchObject({ ok: false });
    expect(checked.ok ? '' : checked.what).toContain(what);
  });

  test('a field that is missing, and something that is no object', () => {
    const { plan, ...rest } = loginFactsJson(facts);
    expect(plan).toBe('max');
    expect(parseLoginFacts(rest)).toMatchObject({ what: 'has no plan' });
    for (const value of [null, [], 'x', 7]) expect(parseLoginFacts(value)).toMatchObject({ ok: false });
  });
});
