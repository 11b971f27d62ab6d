import { describe, expect, it } from 'vitest';
import { consentGivenAt, termsNotice } from '../../source/credentials/terms-notice.ts';
import { asEpoch } from '../../source/shared/types.ts';
import { loginFacts } from '../kit/records.ts';

const text = termsNotice.join(' ').replace(/\s+/g, ' ');

describe('the notice before the first Claude login', () => {
  it.each([
    ['what the terms say', /Claude logins are for Claude Code and Anthropic's own apps/],
    ['what third parties may not do', /may not offer them, store them or route requests through them/],
    ['when that was read', /read in November 2026/],
    ['whose account and whose risk it is', /your own account, and adding it is at your own risk/],
    ['whom the limits of a plan are meant for', /ordinary use of one person/],
    ['which client id is used', /public OAuth client id to which the credentials of Claude Code are issued/],
    ['what is recommended instead', /API keys are the recommended way/],
    ['which requests go there', /Only requests that come from Claude Code itself/],
  ])('says %s', (_, words) => expect(text).toMatch(words));

  it('fits a terminal of 84 columns, line by line', () => {
    expect(Math.max(...termsNotice.map((line) => line.length))).toBeLessThanOrEqual(84);
  });
});

describe('a yes that was given before', () => {
  it('is what an account says that has one', () => {
    expect(
      consentGivenAt([
        {},
        { login: loginFacts() },
        { login: loginFacts({ termsAcceptedAt: asEpoch(2_000) }) },
      ]),
    ).toBe(1_000);
  });

  it('is not there as long as all accounts are keys', () => {
    expect(consentGivenAt([{}, {}])).toBeNull();
    expect(consentGivenAt([])).toBeNull();
  });
});
