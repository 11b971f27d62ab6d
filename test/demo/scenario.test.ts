import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../source/shared/seeded-random.ts';
import {
  happenings,
  nextConversation,
  seats,
  type Conversation,
  type Happening,
} from '../../source/demo/scenario.ts';
import { asEpoch } from '../../source/shared/types.ts';
import { priceOf } from '../../source/store/prices.ts';

const seed = fc.integer({ min: 0, max: 2 ** 31 });
const seat = fc.constantFrom(...seats);

const first = (count: number, number: number): Happening[] => {
  const endless = happenings(seededRandom(number));
  return Array.from({ length: count }, () => endless.next().value);
};

const all = (conversation: Conversation): Conversation[] => [
  conversation,
  ...conversation.turns.flatMap(({ agents }) => agents.flatMap(all)),
];

describe('the conversations', () => {
  test('are the same for the same seed, and others for another one', () => {
    fc.assert(
      fc.property(seed, seat, (number, habit) => {
        expect(nextConversation(habit, seededRandom(number))).toEqual(
          nextConversation(habit, seededRandom(number)),
        );
        expect(nextConversation(habit, seededRandom(number))).not.toEqual(
          nextConversation(habit, seededRandom(number + 1)),
        );
      }),
    );
  });

  test('are short enough to stay small for ever, and end with an answer', () => {
    fc.assert(
      fc.property(seed, seat, (number, habit) => {
        for (const { system, turns } of all(nextConversation(habit, seededRandom(number)))) {
          expect(turns.length).toBeGreaterThan(0);
          expect(turns.length).toBeLessThan(16);
          expect(turns.reduce((sum, { added }) => sum + added, system)).toBeLessThan(250_000);
          expect(turns.at(-1)!.tool).toBe(false);
        }
      }),
    );
  });

  test('have sub-agents of the same session with an id of their own, and those have none', () => {
    fc.assert(
      fc.property(seed, seat, (number, habit) => {
        const conversation = nextConversation(habit, seededRandom(number));
        const [main, ...agents] = all(conversation);
        expect(main!.agent).toBeNull();
        for (const agent of agents) expect(agent.session).toBe(main!.session);
        const ids = agents.map(({ agent }) => agent);
        expect(new Set(ids).size).toBe(ids.length);
        expect(ids).not.toContain(null);
        expect(agents).toHaveLength(habit.agents?.count ?? 0);
      }),
    );
  });

  test('carry a session from Claude Code, and none from a script', () => {
    const programs = seats.map((habit) => nextConversation(habit, seededRandom(1)));
    expect(programs.map(({ program, session }) => `${program} ${session !== null}`).toSorted()).toEqual([
      'claude-code true',
      'claude-code true',
      'claude-code true',
      'sdk false',
    ]);
  });

  test('ask for models whose price is known: three of them', () => {
    const models = new Set(
      seats.flatMap((habit) =>
        all(nextConversation(habit, seededRandom(2))).flatMap(({ turns }) => turns.map(({ model }) => model)),
      ),
    );
    const tokens = { input: 1, output: 1, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0 };
    expect(models.size).toBe(3);
    for (const model of models) expect(priceOf(model, tokens, asEpoch(0))).not.toBeNull();
  });

  test('some prompts are counted first', () => {
    const conversation = nextConversation(seats[0]!, seededRandom(5));
    const turns = all(conversation).flatMap(({ turns }) => turns);
    expect(turns.some(({ count }) => count)).toBe(true);
    expect(turns.some(({ count }) => !count)).toBe(true);
  });
});

describe('the happenings', () => {
  test('show each kind within the first sixteen seconds', () => {
    const opening = first(7, 1);
    expect(opening.map(({ what }) => what)).toEqual([
      'pace',
      'leave',
      'overload',
      'cut',
      'sign-out',
      'pace',
      'outage',
    ]);
    expect(opening.every(({ atMs }) => atMs <= 16_000)).toBe(true);
  });

  test('go on at a walking pace, the same for the same seed', () => {
    fc.assert(
      fc.property(seed, (number) => {
        const times = first(60, number).map(({ atMs }) => atMs);
        expect(first(60, number)).toEqual(first(60, number));
        for (const [index, at] of times.slice(1).entries()) {
          expect(at - times[index]!).toBeGreaterThanOrEqual(2000);
          expect(at - times[index]!).toBeLessThanOrEqual(40_000);
        }
      }),
    );
  });

  test('sign out nobody for ever, and leave a while of calm behind the opening', () => {
    const opening = first(10, 1);
    const [out, back] = ['sign-out', 'sign-in'].map((what) => opening.find((each) => each.what === what)!);
    expect(back!.account).toBe(out!.account);
    expect(back!.atMs).toBeGreaterThan(out!.atMs);
    expect(opening[9]!.atMs - opening[8]!.atMs).toBeGreaterThan(20_000);
  });

  test('miss no kind for long', () => {
    expect(
      new Set(
        first(60, 3)
          .slice(9)
          .map(({ what }) => what),
      ).size,
    ).toBe(5);
  });
});
