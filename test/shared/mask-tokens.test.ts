import { describe, expect, it } from 'vitest';
import { assert, property, string } from 'fast-check';
import { maskTokens } from '../../source/shared/mask-tokens.ts';

describe('maskTokens', () => {
  it.each([
    ['/v1/models/sk-ant-api03-abcdefghij0123456789', '/v1/models/[secret]'],
    ['req_sk-proj-ABCDEFGHIJKLMNOP_1', 'req_[secret]'],
    ['id sk-0123456789abcdef, then', 'id [secret], then'],
    ['eyJhbGciOiJI.eyJzdWIiOiIx.c2lnbmF0dXJl!', '[secret]!'],
    ['Bearer abcdefghij klm', 'Bearer [secret] klm'],
    ['bearer%20abcdefghij', 'bearer%20[secret]'],
  ])('%j becomes %j', (text, masked) => {
    expect(maskTokens(text)).toBe(masked);
  });

  it.each([
    'claude-opus-5-5',
    '/v1/messages/count_tokens',
    'req_011CQWERTYUIOPASDFGHJKLZ',
    'task-0123456789abcdefghij',
    '3f2c9d6e-1111-4222-8333-444455556666',
    '',
  ])('leaves %j as it is', (text) => {
    expect(maskTokens(text)).toBe(text);
  });

  it('leaves no key, whatever stands around it, and takes linear time', () => {
    const key = 'sk-ant-api03-MARKED0123456789';
    assert(
      property(string(), string(), (before, after) => {
        expect(maskTokens(`${before} ${key} ${after}`)).not.toContain('MARKED');
      }),
    );
    const begun = performance.now();
    maskTokens('bearer'.concat(' '.repeat(100_000)));
    maskTokens('eyJ'.concat('a.'.repeat(50_000)));
    maskTokens('sk-'.repeat(50_000));
    expect(performance.now() - begun).toBeLessThan(1000);
  });
});
