import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { chargePrompt, promptTokens, type PrefixCache } from '../../source/demo/prompt-cache.ts';
import { asEpoch } from '../../source/shared/types.ts';

const text = (words: string, mark?: '5m' | '1h') => ({
  role: 'user',
  type: 'text',
  text: words,
  ...(mark === undefined ? {} : { cache_control: { type: 'ephemeral', ttl: mark } }),
});
const start = asEpoch(1_795_330_800_000);
const charge = (cache: PrefixCache, blocks: ReturnType<typeof text>[], later = 0, model = 'm') =>
  chargePrompt(cache, { model, blocks }, asEpoch(start + later));

describe('chargePrompt', () => {
  test('without cache_control everything is input', () => {
    const cache: PrefixCache = new Map();
    const charged = charge(cache, [text('one'), text('two')]);
    expect(charged).toEqual({
      input: promptTokens([text('one'), text('two')]),
      cacheRead: 0,
      cacheWrite5m: 0,
      cacheWrite1h: 0,
    });
    expect(cache.size).toBe(0);
  });

  test('a conversation reads what its last turn wrote, although the mark has moved on', () => {
    const cache: PrefixCache = new Map();
    const first = charge(cache, [text('system', '5m'), text('question', '5m')]);
    const second = charge(cache, [
      text('system', '5m'),
      text('question'),
      text('answer'),
      text('more', '5m'),
    ]);
    expect(first.cacheRead).toBe(0);
    expect(second.cacheRead).toBe(first.cacheWrite5m);
    expect(second.cacheWrite5m).toBeGreaterThan(0);
  });

  test('another beginning, or another model, reads nothing', () => {
    const cache: PrefixCache = new Map();
    charge(cache, [text('system', '5m')]);
    expect(charge(cache, [text('System', '5m')]).cacheRead).toBe(0);
    expect(charge(cache, [text('system', '5m')], 0, 'other').cacheRead).toBe(0);
  });

  test('a read keeps it warm; it goes cold after its own lifetime', () => {
    const cache: PrefixCache = new Map();
    charge(cache, [text('short', '5m')]);
    charge(cache, [text('long', '1h')]);
    expect(charge(cache, [text('short', '5m')], 299_999).cacheRead).toBeGreaterThan(0);
    expect(charge(cache, [text('short', '5m')], 599_998).cacheRead).toBeGreaterThan(0);
    expect(charge(cache, [text('short', '5m')], 899_998).cacheRead).toBe(0);
    expect(charge(cache, [text('long', '1h')], 3_599_999).cacheRead).toBeGreaterThan(0);
    expect(charge(cache, [text('long', '1h')], 2 * 3_599_999 + 1).cacheRead).toBe(0);
  });

  test('each mark writes the stretch before it, with its own lifetime', () => {
    const charged = charge(new Map(), [text('a'.repeat(400), '1h'), text('b'.repeat(800), '5m'), text('c')]);
    expect(charged.cacheWrite1h).toBeGreaterThan(100);
    expect(charged.cacheWrite5m).toBeGreaterThan(200);
    expect(charged.input).toBeLessThan(20);
  });

  test('every token of the prompt is billed exactly once, and the cache does not grow for ever', () => {
    const mark = fc.constantFrom<('5m' | '1h' | undefined)[]>(undefined, '5m', '1h');
    const block = fc
      .tuple(fc.string({ minLength: 1, maxLength: 20 }), mark)
      .map(([words, ttl]) => text(words, ttl));
    const prompts = fc.array(fc.array(block, { minLength: 1, maxLength: 6 }), { maxLength: 8 });
    fc.assert(
      fc.property(prompts, (list) => {
        const cache: PrefixCache = new Map();
        for (const [n, blocks] of list.entries()) {
          const { input, cacheRead, cacheWrite5m, cacheWrite1h } = charge(cache, blocks, n * 60_000);
          const total = promptTokens(blocks);
          // The API never bills less than one token of plain input.
          expect([total, total + 1]).toContain(input + cacheRead + cacheWrite5m + cacheWrite1h);
        }
        charge(cache, [text('late')], 10 * 3_600_000);
        expect(cache.size).toBe(0);
      }),
    );
  });
});
