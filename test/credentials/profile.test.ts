import { readFileSync } from 'node:fs';
import { anything, assert, property } from 'fast-check';
import { expect, test } from 'vitest';
import { parseLoginFacts } from '../../source/config/login-facts.ts';
import { readProfile } from '../../source/credentials/profile.ts';

const { body } = JSON.parse(
  readFileSync(new URL('../fixtures/oauth-profile.json', import.meta.url), 'utf8'),
) as { body: object };

test('a profile tells plan, organisation and account', () => {
  expect(readProfile(body)).toEqual({
    accountUuid: '00000000-0000-4000-8000-000000000003',
    organization: 'Example',
    plan: 'max',
  });
});

test.each([
  [{ account: { has_claude_max: true } }, 'max'],
  [{ account: { has_claude_pro: true }, organization: { name: 'x' } }, 'pro'],
  [{ organization: { organization_type: 'claude_enterprise' } }, 'enterprise'],
  [{ organization: { organization_type: 'api', name: 'x' } }, 'api'],
  [{ organization: { name: 'x' } }, null],
])('%j is of plan %s', (profile, plan) => expect(readProfile(profile)?.plan).toBe(plan));

test('whatever comes can be kept, or is none', () => {
  assert(
    property(anything(), (value) => {
      for (const each of [
        value,
        { account: value },
        { organization: { name: value, organization_type: value } },
      ]) {
        const profile = readProfile(each);
        if (profile === null) continue;
        const facts = { termsAcceptedAt: '2026-01-01T00:00:00.000Z', linkedTo: null, ...profile };
        if (!parseLoginFacts(facts).ok) throw new Error(JSON.stringify(profile));
      }
    }),
  );
  const hostile = readProfile({ organization: { name: '\u001b[2Jx'.repeat(100) } });
  expect(hostile?.organization).toMatch(/^\\x1b\[2Jx/);
  expect(readProfile({})).toBeNull();
  expect(readProfile('x')).toBeNull();
});
