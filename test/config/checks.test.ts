import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  address,
  hostName,
  listOf,
  oneOf,
  orWord,
  shown,
  webOrigin,
  wholeNumber,
  yesOrNo,
  type Check,
} from '../../source/config/checks.ts';
import { addressRange, filePath } from '../../source/config/network-checks.ts';

const valueOf = (check: Check<unknown>, value: unknown): unknown => {
  const checked = check.parse(value);
  return checked.ok ? checked.value : `${checked.what}; ${checked.fix}`;
};

const all: Check<unknown>[] = [
  wholeNumber(0, 10),
  oneOf(['a', 'b']),
  address,
  hostName,
  webOrigin,
  listOf(hostName),
  listOf(webOrigin),
  yesOrNo,
  orWord('auto', wholeNumber(0, 10)),
  orWord('auto', yesOrNo),
  addressRange,
  listOf(addressRange),
  filePath,
];

describe('every check', () => {
  test('is total: any value ends as a value or as one short safe line', () => {
    fc.assert(
      fc.property(fc.constantFrom(...all), fc.anything(), (check, value) => {
        const checked = check.parse(value);
        const line = checked.ok ? 'fine' : `${checked.what}; ${checked.fix}`;
        expect(line).toMatch(/^[^\p{Cc}\p{Cf}]{1,200}$/u);
      }),
    );
    expect(all.map((check) => check.parse(Symbol('x')).ok)).not.toContain(true);
  });

  test('takes its own result again unchanged', () => {
    const again = (check: Check<unknown>, text: string) => {
      const once = check.parse(check.fromText(text));
      return { once, twice: once.ok ? check.parse(once.value) : once };
    };
    fc.assert(
      fc.property(
        fc.constantFrom(...all),
        fc.oneof(fc.string(), fc.domain(), fc.nat(20).map(String)),
        (check, text) => {
          const { once, twice } = again(check, text);
          expect(twice).toEqual(once);
        },
      ),
    );
    expect(again(hostName, '::1').once.ok).toBe(true);
  });
});

test.each([
  ['4180', 4180],
  ['0', 0],
  ['-1', '-1 is out of range; use a whole number from 0 to 65535'],
  ['65536', '65536 is out of range; use a whole number from 0 to 65535'],
  ['80a', '"80a" is not a whole number; use a whole number from 0 to 65535'],
  ['1e3', '"1e3" is not a whole number; use a whole number from 0 to 65535'],
  ['', '"" is not a whole number; use a whole number from 0 to 65535'],
])('the text %j as a port is %j', (text, expected) => {
  const check = wholeNumber(0, 65_535);
  expect(valueOf(check, check.fromText(text))).toBe(expected);
});

test.each([[1.5], [NaN], [Infinity], [null], [true], ['4180'], [[4180]], [undefined]])(
  '%j in JSON is no whole number',
  (value) => expect(wholeNumber(0, 65_535).parse(value).ok).toBe(false),
);

test.each([
  ['Dev.Local', 'dev.local'],
  ['dev.local:8080', 'dev.local:8080'],
  ['10.0.0.1', '10.0.0.1'],
  ['::1', '[::1]'],
  ['[fe80::2]:80', '[fe80::2]:80'],
])('the host name %s is kept as %s', (text, kept) => expect(valueOf(hostName, text)).toBe(kept));

test.each(['', '*', 'http://dev.local', 'dev.local/x', 'a b', 'a..b', '-a', 'a:99999', '[zz]', 'x\n'])(
  'the host name %j is refused',
  (text) => expect(hostName.parse(text).ok).toBe(false),
);

test.each(['https://app.example', 'http://localhost:3000', 'https://app.example/'])(
  'the web origin %s is taken',
  (text) => expect(valueOf(webOrigin, text)).toBe(text.replace(/\/$/, '')),
);

test.each(['null', '*', 'app.example', 'https://app.example/x', 'https://u:p@app.example', 'file:///x', ''])(
  'the web origin %j is refused',
  (text) => expect(webOrigin.parse(text).ok).toBe(false),
);

test('an address is an IP address or localhost', () => {
  for (const good of ['127.0.0.1', '0.0.0.0', '::1', 'localhost']) expect(address.parse(good).ok).toBe(true);
  for (const bad of ['example.com', '', '127.0.0.256', '[::1]', 4]) expect(address.parse(bad).ok).toBe(false);
});

test('a list drops repeats, names its first wrong entry and is bounded', () => {
  const list = listOf(hostName);
  expect(valueOf(list, list.fromText('a.b, A.B ,c'))).toEqual(['a.b', 'c']);
  expect(valueOf(list, list.fromText(''))).toEqual([]);
  expect(valueOf(list, ['a', 5])).toContain('5 is not a host name');
  expect(
    valueOf(
      list,
      Array.from({ length: 101 }, (_, n) => `h${n}`),
    ),
  ).toContain('101 entries');
});

test('a wrong value is shown short, and never when it looks like a credential', () => {
  expect(shown('sk-ant-api03-SECRETSECRET')).toBe('"…"');
  expect(shown('x'.repeat(5000)).length).toBeLessThanOrEqual(60);
  expect(shown('\u001b[31m')).not.toContain('\u001b');
  expect(shown(undefined)).toBe('undefined');
});
