import { describe, expect, test } from 'vitest';
import { accountOptions } from '../../source/commands/account-options.ts';

const nothing = {
  priority: null,
  weight: null,
  caps: null,
  models: null,
  overage: null,
  concurrent: null,
  baseUrl: null,
};

describe('the options of an account', () => {
  test.each([
    [{}, nothing],
    [{ json: true as const, kind: 'api-key' }, nothing],
    [
      { priority: '0', weight: '0.5' },
      { ...nothing, priority: 0, weight: 0.5 },
    ],
    [{ cap: '5h=80,7d=90' }, { ...nothing, caps: { '5h': 0.8, '7d': 0.9 } }],
    [{ cap: '5h=29% , 7d_opus=0.5' }, { ...nothing, caps: { '5h': 0.29, '7d_opus': 0.005 } }],
    [
      { cap: 'none', models: 'all' },
      { ...nothing, caps: {}, models: [] },
    ],
    [{ models: 'claude-opus-*, x' }, { ...nothing, models: ['claude-opus-*', 'x'] }],
    [{ overage: 'forbid' }, { ...nothing, overage: 'forbid' }],
    [{ overage: 'allow' }, { ...nothing, overage: 'allow' }],
    [{ overage: '12.5%' }, { ...nothing, overage: 0.125 }],
    [{ concurrent: '4' }, { ...nothing, concurrent: 4 }],
    [{ concurrent: 'none' }, { ...nothing, concurrent: 0 }],
    [{ concurrent: '0' }, { ...nothing, concurrent: 0 }],
    [{ 'base-url': 'anything' }, { ...nothing, baseUrl: 'anything' }],
  ])('%j', (options, change) => expect(accountOptions(options)).toEqual(change));

  test.each([
    [{ cap: '5h' }, '--cap: "5h" is not a cap; use per cent by window, such as 5h=80,7d=90, or none'],
    [{ cap: '5h=0' }, '--cap: "5h=0" is not a cap'],
    [{ cap: '5h=101' }, '--cap: "5h=101" is not a cap'],
    [{ cap: '__proto__=5' }, '--cap: "__proto__" is not a window'],
    [{ cap: '' }, '--cap: "" is not a cap'],
    [{ concurrent: '1.5' }, '--concurrent: "1.5" is not a whole number; use a whole number from 1 to 10000'],
    [{ concurrent: '-1' }, '--concurrent: "-1" is not a whole number'],
    [{ concurrent: '10001' }, '--concurrent: '],
    [{ overage: 'never' }, '--overage: "never" is no word on paid overage; use forbid, allow or per cent'],
    [{ overage: '0' }, '--overage: "0" is no word on paid overage'],
    [{ overage: '101' }, '--overage: "101" is no word on paid overage'],
    [{ overage: '' }, '--overage: "" is no word on paid overage'],
    [{ models: '' }, '--models: "" is not a model pattern'],
    [{ models: 'a b' }, '--models: "a b" is not a model pattern'],
    [{ priority: 'sk-ant-api03-secret' }, '--priority: wanted a number, got "…"'],
    [{ priority: '1.5' }, '--priority: 1.5 is not a whole number'],
    [{ weight: '-1' }, '--weight: -1 is not a weight'],
  ])('%j cannot be, with what could', (options, problem) => {
    expect(() => accountOptions(options)).toThrow(
      expect.objectContaining({ code: 'usage', problems: [expect.stringContaining(problem)] }),
    );
  });

  test('that are wrong are named at once', () => {
    expect(() => accountOptions({ cap: 'x', models: ' ', priority: 'p', weight: 'w' })).toThrow(
      expect.objectContaining({ problems: expect.objectContaining({ length: 4 }) }),
    );
  });
});
