import { expect, test } from 'vitest';
import { orWord } from '../../source/config/checks.ts';
import { budgetText, webhookUrl } from '../../source/config/feed-checks.ts';

test('a budget is kept with single spaces; what is none is refused with examples', () => {
  expect(budgetText.parse('  all   20usd/day  soft ')).toEqual({ ok: true, value: 'all 20usd/day soft' });
  for (const wrong of ['all 20', '', 7, null, {}]) {
    expect(budgetText.parse(wrong)).toMatchObject({
      ok: false,
      fix: expect.stringContaining('all 20usd/day') as string,
    });
  }
});

test.each([
  'https://hooks.example/services/T0/B0/x',
  'https://hooks.example/hook?token=abc',
  'https://hooks.example?to=a@b//c',
  'http://127.0.0.1:8080/events',
  'http://localhost:8080',
])('%s may be told', (url) => expect(webhookUrl.parse(url)).toEqual({ ok: true, value: url }));

test.each([
  'http://hooks.example/x',
  'http://192.168.1.4/x',
  'ftp://127.0.0.1/x',
  'https://user:secret-password@hooks.example/x',
  'https://169.254.169.254/latest',
  'https://hooks.example/x#part',
  'https://h\u043eoks.example/x',
  'http://2130706433/x',
  'http://127.1/x?y',
  'https:\\\\hooks.example\\x',
  'https://hooks.example/a b',
  'https://user:secret-password@hooks.example?x',
  'hooks.example/x',
  '',
  7,
  { toString: 1 },
])('%j may not', (url) => {
  const checked = webhookUrl.parse(url);
  expect(checked.ok).toBe(false);
  expect(JSON.stringify(checked)).not.toContain('secret-password');
});

test('a setting that may be empty says so', () => {
  expect(orWord('', webhookUrl).parse('nowhere')).toMatchObject({
    ok: false,
    fix: expect.stringMatching(/, or leave it empty$/) as string,
  });
});
