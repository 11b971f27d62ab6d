import { describe, expect, test } from 'vitest';
import { clientId, serviceUrl } from '../../source/config/oauth-checks.ts';

describe('the URL of a service that gets credentials', () => {
  test.each(['https://platform.claude.com/v1/oauth/token', 'http://127.0.0.1:9/token'])('takes %s', (url) => {
    expect(serviceUrl.parse(url)).toEqual({ ok: true, value: url });
  });

  test.each([
    'http://platform.claude.com/v1/oauth/token',
    'https://u:p@host/token',
    'https://169.254.169.254/token',
    'https://host/token?x=1',
    'ftp://host',
    '',
    7,
  ])('refuses %s', (url) => {
    expect(serviceUrl.parse(url)).toMatchObject({ ok: false });
  });
});

test('a client id holds no character that would need escaping', () => {
  expect(clientId.parse('9d1c250a-e61b')).toEqual({ ok: true, value: '9d1c250a-e61b' });
  for (const id of ['', 'a b', 'a&b', 7, null, 'x'.repeat(201)]) {
    expect(clientId.parse(id)).toMatchObject({ ok: false });
  }
});
