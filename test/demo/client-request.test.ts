import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { countRequest, turnRequest } from '../../source/demo/client-request.ts';
import { parseMessageRequest, type MessageRequest } from '../../source/demo/parse-request.ts';
import { chargePrompt } from '../../source/demo/prompt-cache.ts';
import { seededRandom } from '../../source/shared/seeded-random.ts';
import { nextConversation, seats, type Conversation } from '../../source/demo/scenario.ts';
import { describe as describeRequest } from '../../source/proxy/describe.ts';
import { asEpoch } from '../../source/shared/types.ts';

const conversation = fc
  .tuple(fc.integer({ min: 0, max: 2 ** 31 }), fc.constantFrom(...seats))
  .map(([seed, habit]) => nextConversation(habit, seededRandom(seed)));

const parsed = (each: Conversation, index: number): MessageRequest => {
  const request = parseMessageRequest(turnRequest(each, index)!.body, false);
  if (typeof request === 'string') throw new Error(request);
  return request;
};

describe('the request of a turn', () => {
  test('is one that the API takes, for every turn of every conversation', () => {
    fc.assert(
      fc.property(conversation, (each) => {
        for (const [index, turn] of each.turns.entries()) {
          const { model, stream, forcedTool } = parsed(each, index);
          expect({ model, stream, tool: forcedTool !== null }).toEqual({
            model: turn.model,
            stream: turn.stream,
            tool: turn.tool,
          });
          const count = countRequest(each, index);
          expect(count !== null).toBe(turn.count);
          expect(count === null || typeof parseMessageRequest(count.body, true) === 'object').toBe(true);
        }
        expect(turnRequest(each, each.turns.length)).toBeNull();
        expect(countRequest(each, each.turns.length)).toBeNull();
      }),
      { numRuns: 25 },
    );
  });

  test('continues the one before: what was said is read from the cache, only what is new is paid in full', () => {
    const code = nextConversation(seats[0]!, seededRandom(7));
    const cache = new Map();
    const now = asEpoch(0);
    const usages = code.turns.map((_, index) => chargePrompt(cache, parsed(code, index), now));
    expect(usages[0]).toMatchObject({ cacheRead: 0 });
    expect(usages[0]!.cacheWrite5m).toBeGreaterThan(9000);
    for (const [index, usage] of usages.slice(1).entries()) {
      const before = usages[index]!;
      expect(usage.cacheRead).toBe(before.cacheRead + before.cacheWrite5m);
      expect(usage.cacheRead).toBeGreaterThan(9000);
      expect(usage.input).toBeLessThan(3000);
    }
  });

  test('is the same each time', () => {
    const code = nextConversation(seats[1]!, seededRandom(8));
    expect(turnRequest(code, 3)).toEqual(turnRequest(code, 3));
  });

  test('tells the proxy who asks: program, session, sub-agent, model, stream', () => {
    fc.assert(
      fc.property(conversation, (each) => {
        const agents = each.turns.flatMap((turn) => turn.agents);
        for (const one of [each, ...agents]) {
          const { headers, body } = turnRequest(one, 0)!;
          expect(describeRequest(headers, [Buffer.from(body)])).toEqual({
            agent: one.program === 'sdk' ? 'anthropic-sdk' : 'claude-code',
            session: one.session,
            conversation: one.session === null ? null : `${one.session}/${one.agent ?? ''}`,
            model: one.turns[0]!.model,
            stream: one.turns[0]!.stream,
          });
        }
      }),
      { numRuns: 25 },
    );
  });
});
