import { expect, test } from 'vitest';
import { settingText } from '../../source/commands/setting-text.ts';
import { schema, settingFromText } from '../../source/config/schema.ts';

test('what a setting is shown as sets it to the same value', () => {
  const values = schema.map((setting) => [setting.key, setting.default] as const);
  expect(values.length).toBeGreaterThan(10);
  for (const [key, value] of values) {
    expect([key, settingFromText(key, settingText(value))]).toEqual([key, value]);
  }
  expect(settingFromText('allowedHosts', settingText(['a.example', 'b.example']))).toEqual([
    'a.example',
    'b.example',
  ]);
  const prices = [{ model: 'm', input: 1, output: 2 }];
  expect(settingFromText('prices', settingText(prices))).toEqual(prices);
});
