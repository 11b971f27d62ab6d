import { describe, expect, test } from 'vitest';
import { fitsModel, modelTest } from '../../source/shared/model-test.ts';
import { runningTime } from '../kit/running-time.ts';

describe('a pattern of models', () => {
  test.each([
    [['claude-sonnet-*'], 'claude-sonnet-5-5', true],
    [['claude-sonnet-*'], 'claude-opus-5-5', false],
    [['claude-sonnet-*'], 'xclaude-sonnet-5', false],
    [['a', '*haiku*'], 'claude-haiku-4-5', true],
    [['claude.opus'], 'claude-opus', false],
    [['claude|x'], 'x', false],
    [['*'], 'a\nb', true],
    [['ab*ba'], 'aba', false],
    [['a*b*c'], 'axxbxxc', true],
    [['a*b*c'], 'axxcxxb', false],
  ])('%j and %j: %s', (patterns, model, fits) => {
    expect(modelTest(patterns)(model)).toBe(fits);
    expect([fitsModel(patterns, model), fitsModel(patterns, model)]).toEqual([fits, fits]);
  });

  test('takes no longer for a hostile name', () => {
    const fits = modelTest([`${'*a'.repeat(20)}b`]);
    const elapsed = runningTime();
    expect(fits('a'.repeat(200))).toBe(false);
    expect(elapsed()).toBeLessThan(200);
  });
});
