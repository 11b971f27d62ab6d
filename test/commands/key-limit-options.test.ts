import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { limitOptions } from '../../source/commands/key-limit-options.ts';
import { parseClientKeys, limitsJson } from '../../source/config/client-key-record.ts';
import { unlimited } from '../../source/shared/client-key.ts';
import { CcrError } from '../../source/shared/errors.ts';
import { asEpoch } from '../../source/shared/types.ts';
import { hostileText } from '../kit/hostile-text.ts';

const now = asEpoch(1_790_000_000_000);
const names = [
  'requests-per-minute',
  'concurrent',
  'daily-usd',
  'daily-tokens',
  'models',
  'accounts',
  'hold',
  'expires',
] as const;

/** Whether config.json takes a key with these limits. */
const isKept = (limits: ReturnType<typeof limitOptions>): boolean => {
  const record = { id: 'one', name: 'ci', kind: 'user', hash: `${'A'.repeat(43)}=`, store: 'vault' };
  const at = { createdAt: '2026-01-01T00:00:00.000Z' };
  const { problems, keys } = parseClientKeys([{ ...record, ...at, limits: limitsJson(limits) }]);
  return problems.length === 0 && JSON.stringify(keys[0]?.limits) === JSON.stringify(limits);
};

describe('the limits of a command line', () => {
  test('are none where none is given, and each has its place', () => {
    expect(limitOptions({ json: true }, now)).toEqual(unlimited);
    const given = {
      'requests-per-minute': '30',
      concurrent: '2',
      'daily-usd': '0.5',
      'daily-tokens': '1000',
      models: 'claude-*,gpt-5',
      accounts: 'work',
      hold: '90s',
      expires: '1h',
    };
    expect(limitOptions(given, now)).toEqual({
      requestsPerMinute: 30,
      concurrent: 2,
      dailyUsd: 0.5,
      dailyTokens: 1000,
      models: ['claude-*', 'gpt-5'],
      accounts: ['work'],
      holdMs: 90_000,
      expiresAt: now + 3_600_000,
    });
  });

  test.each([
    ['requests-per-minute', '0'],
    ['requests-per-minute', '1.5'],
    ['concurrent', '-1'],
    ['concurrent', '4097'],
    ['daily-usd', '0'],
    ['daily-usd', 'Infinity'],
    ['daily-usd', '1e3'],
    ['daily-tokens', '9'.repeat(20)],
    ['models', ''],
    ['models', 'a b'],
    ['models', ','],
    ['accounts', ''],
    ['accounts', '../x'],
    ['hold', '5m'],
    ['hold', 'long'],
    ['expires', '0s'],
    ['expires', '1y'],
    ['expires', '-1d'],
    ['expires', ''],
  ])('--%s=%s makes no sense, and is refused by its name with what to do', (name, text) => {
    const message = expect.stringMatching(new RegExp(`^--${name}: `));
    expect(() => limitOptions({ [name]: text }, now)).toThrow(
      expect.objectContaining({ code: 'usage', message, hint: expect.stringMatching(/./) }),
    );
  });

  test.each(hostileText)('%s: no terminal obeys what is said of it', (_, text) => {
    for (const name of names) {
      let said = '';
      try {
        limitOptions({ [name]: text }, now);
      } catch (error) {
        said = error instanceof CcrError ? `${error.message} ${error.hint}` : 'another error';
      }
      expect(said).toMatch(/^--/);
      expect(said).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/);
      expect(said.length).toBeLessThan(400);
    }
  });

  test('whatever is typed: what is accepted can be kept as it is, and nothing else is thrown than usage', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 40 }),
      fc.stringMatching(/^[0-9.]{1,9}[smhdwe]?$/),
      fc.array(fc.stringMatching(/^[a-z*-]{1,9}$/), { maxLength: 4 }).map((list) => list.join()),
    );
    const options = fc.dictionary(fc.constantFrom(...names), text, { maxKeys: 3 });
    const isSound = (given: Record<string, string>): boolean => {
      try {
        return isKept(limitOptions(given, now));
      } catch (error) {
        return error instanceof CcrError && error.code === 'usage';
      }
    };
    fc.assert(
      fc.property(options, (given) => {
        expect(isSound(given)).toBe(true);
      }),
    );
  });
});
