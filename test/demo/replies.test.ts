import { describe, expect, test } from 'vitest';
import type { MessageRequest } from '../../source/demo/parse-request.ts';
import { seededRandom } from '../../source/shared/seeded-random.ts';
import { fixedReply, replyOf, usualReply } from '../../source/demo/replies.ts';

const request: MessageRequest = {
  model: 'm',
  maxTokens: 1000,
  stream: true,
  thinking: false,
  forcedTool: null,
  blocks: [],
};

describe('usualReply', () => {
  test('is text, of varying length, never more than max_tokens', () => {
    const random = seededRandom(3);
    const lengths = Array.from({ length: 50 }, () => {
      const reply = usualReply({ ...request, maxTokens: 60 }, random);
      expect(reply.blocks.map(({ type }) => type)).toEqual(['text']);
      expect(reply.outputTokens).toBeLessThanOrEqual(60);
      return reply.outputTokens;
    });
    expect(new Set(lengths).size).toBeGreaterThan(5);
  });

  test('thinks first when asked to, and calls a tool only when forced to', () => {
    const schema = {
      type: 'object',
      properties: { n: { type: 'integer' }, e: { enum: ['x'] } },
      required: ['n', 'e'],
    };
    const reply = usualReply(
      { ...request, thinking: true, forcedTool: { name: 't', schema } },
      seededRandom(1),
    );
    expect(reply.blocks.map(({ type }) => type)).toEqual(['thinking', 'text', 'tool_use']);
    expect(reply.blocks[2]).toMatchObject({ name: 't', input: { n: 1, e: 'x' } });
    expect(reply.stopReason).toBe('tool_use');
  });
});

test('a reply that is too long ends with max_tokens and has as much text', () => {
  const reply = replyOf([{ type: 'text', text: 'x'.repeat(100) }], 10);
  expect(reply).toEqual({
    blocks: [{ type: 'text', text: 'x'.repeat(40) }],
    stopReason: 'max_tokens',
    outputTokens: 10,
  });
});

test('a fixed reply says the same to everyone, and may claim any number of tokens', () => {
  expect(fixedReply('same', 77)(request, seededRandom(1))).toEqual({
    blocks: [{ type: 'text', text: 'same' }],
    stopReason: 'end_turn',
    outputTokens: 77,
  });
});
