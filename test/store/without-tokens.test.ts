import { expect, test } from 'vitest';
import { withoutTokens } from '../../source/store/without-tokens.ts';

const key = 'sk-ant-api03-MARKED-0123456789abcdefghijkl';

test('everything that looks like a credential is replaced, however deep it stands, and nothing else', () => {
  const given = {
    id: 'r1',
    project: key,
    tokens: { input: 12, output: null },
    attempts: [{ account: `my ${key} account`, status: 200 }],
    error: `said \\" Bearer abcdefghijkl" and ${key}`,
    stream: true,
  };
  expect(withoutTokens(given)).toEqual({
    ...given,
    project: '[secret]',
    attempts: [{ account: 'my [secret] account', status: 200 }],
    error: 'said \\" Bearer [secret]" and [secret]',
  });
});
