import { describe, expect, test } from 'vitest';
import { addressRange, filePath } from '../../source/config/network-checks.ts';

describe('an address or a range', () => {
  test.each(['127.0.0.1', '10.0.0.0/8', '0.0.0.0/0', '::1', '2001:db8::/32', 'fd00::/128'])(
    '%s is one',
    (value) => expect(addressRange.parse(value)).toEqual({ ok: true, value }),
  );
  test.each([
    '',
    'localhost',
    '10.0.0.0/33',
    '::/129',
    '10.0.0.0/',
    '10.0.0/8',
    '10.0.0.0/8/8',
    '10.0.0.0/-1',
    'fe80::1%eth0',
    ' 10.0.0.1',
    7,
    null,
    ['10.0.0.1'],
  ])('%j is none', (value) =>
    expect(addressRange.parse(value)).toMatchObject({
      ok: false,
      fix: expect.stringContaining('10.0.0.0/8'),
    }),
  );
});

describe('the path of a file', () => {
  test.each(['', '/etc/tls/cert.pem'])('%j is one', (value) =>
    expect(filePath.parse(value)).toEqual({ ok: true, value }),
  );
  test.each(['cert.pem', '~/cert.pem', './x', '/a\u0000b', `/${'a'.repeat(5000)}`, 7, null])(
    '%j is none',
    (value) => expect(filePath.parse(value)).toMatchObject({ ok: false }),
  );
});
