import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { demoReply } from '../../source/demo/demo-reply.ts';
import { messageEvents } from '../../source/demo/message-events.ts';
import type { MessageRequest } from '../../source/demo/parse-request.ts';
import { seededRandom } from '../../source/shared/seeded-random.ts';

const ask = (model: string, stream: boolean, tool: boolean): MessageRequest => ({
  model,
  stream,
  maxTokens: 32_000,
  thinking: false,
  forcedTool: tool ? { name: 'Read', schema: {} } : null,
  blocks: [],
});

/** How long the whole answer takes, in ms. */
const lasts = (request: MessageRequest, seed: number): number => {
  const reply = demoReply(request, seededRandom(seed));
  const prompt = { input: 1, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0 };
  const pieces = request.stream ? messageEvents({ id: 'm', model: request.model, reply, prompt }).length : 2;
  return reply.pace!.headMs + (pieces - 1) * reply.pace!.pieceMs;
};

const model = fc.constantFrom('claude-opus-5-5', 'claude-sonnet-5-5', 'claude-haiku-5-5');
const seed = fc.integer({ min: 0, max: 2 ** 31 });

describe('an answer of the demo', () => {
  test('streams for one to twenty-five seconds when it is text', () => {
    fc.assert(
      fc.property(model, seed, (name, number) => {
        const ms = lasts(ask(name, true, false), number);
        expect(ms).toBeGreaterThan(1000);
        expect(ms).toBeLessThan(25_000);
      }),
    );
  });

  test('calls a tool after a few words, and comes in one piece within seconds where no stream is wanted', () => {
    fc.assert(
      fc.property(model, seed, fc.boolean(), (name, number, stream) => {
        expect(lasts(ask(name, stream, true), number)).toBeLessThan(10_000);
        expect(demoReply(ask(name, stream, true), seededRandom(number)).stopReason).toBe('tool_use');
        expect(lasts(ask(name, false, false), number)).toBeLessThan(15_000);
      }),
    );
  });

  test('is the same for the same random numbers', () => {
    const request = ask('claude-opus-5-5', true, false);
    expect(demoReply(request, seededRandom(4))).toEqual(demoReply(request, seededRandom(4)));
  });

  test('comes more slowly from a large model', () => {
    const pieceMs = (name: string): number =>
      demoReply(ask(name, true, false), seededRandom(1)).pace!.pieceMs;
    expect(pieceMs('claude-opus-5-5')).toBeGreaterThan(pieceMs('claude-sonnet-5-5'));
    expect(pieceMs('claude-sonnet-5-5')).toBeGreaterThan(pieceMs('claude-haiku-5-5'));
  });
});
