import { between } from './random.ts';
import type { Random } from '../shared/seeded-random.ts';

// What the simulated people and programs do, as data: the same for the same random numbers. traffic.ts carries it out.

export type Turn = {
  model: string;
  stream: boolean;
  /** Pause before it, in ms. */
  thinkMs: number;
  /** Characters that the person or a tool adds to the conversation. */
  added: number;
  /** The answer is to call a tool, whose result the next turn brings. */
  tool: boolean;
  /** The prompt is counted first. */
  count: boolean;
  /** Conversations of sub-agents that run before the next turn. */
  agents: readonly Conversation[];
};

export type Conversation = {
  program: 'claude-code' | 'sdk';
  /** null for a program that names none. */
  session: string | null;
  /** Of a sub-agent. */
  agent: string | null;
  /** Characters of system prompt and tools, the same in every turn. */
  system: number;
  turns: readonly Turn[];
};

const models = { opus: 'claude-opus-5-5', sonnet: 'claude-sonnet-5-5', haiku: 'claude-haiku-5-5' } as const;
type Model = keyof typeof models;

/** What one seat does, conversation after conversation. Ranges are [from, to). */
export type Habit = {
  program: Conversation['program'];
  model: Model;
  stream: boolean;
  system: readonly [number, number];
  turns: readonly [number, number];
  added: readonly [number, number];
  /** Between a tool's call and its result. */
  toolMs: readonly [number, number];
  /** Of a person (or a script) between an answer and the next question. */
  thinkMs: readonly [number, number];
  /** Shares of turns, 0..1. */
  tools: number;
  counts: number;
  /** Model and number of sub-agents, once in a conversation. */
  agents: { model: Model; count: number } | null;
};

const coding = {
  program: 'claude-code',
  stream: true,
  system: [38_000, 52_000],
  turns: [7, 13],
  added: [600, 9000],
  toolMs: [250, 1500],
  thinkMs: [2500, 9000],
  tools: 0.65,
  counts: 0.2,
} as const;

/** One for each seat: who sits there goes on for ever. */
export const seats: readonly Habit[] = [
  { ...coding, model: 'opus', agents: { model: 'haiku', count: 2 } },
  { ...coding, model: 'sonnet', agents: null },
  {
    program: 'sdk',
    model: 'haiku',
    stream: false,
    system: [1800, 2600],
    turns: [5, 9],
    added: [900, 6000],
    toolMs: [200, 400],
    thinkMs: [4500, 12_000],
    tools: 0,
    counts: 0,
    agents: null,
  },
  { ...coding, model: 'sonnet', agents: { model: 'sonnet', count: 1 } },
];

const helper = {
  ...coding,
  system: [9000, 16_000],
  turns: [2, 5],
  toolMs: [200, 900],
  thinkMs: [200, 900],
  counts: 0,
  agents: null,
} as const satisfies Partial<Habit>;

const hex = (length: number, random: Random): string =>
  Array.from({ length }, () => Math.floor(random() * 16).toString(16)).join('');

const uuid = (random: Random): string =>
  `${hex(8, random)}-${hex(4, random)}-4${hex(3, random)}-a${hex(3, random)}-${hex(12, random)}`;

const turnsOf = (habit: Habit, session: string | null, random: Random): Turn[] => {
  const count = between(habit.turns, random);
  const split = habit.agents === null ? -1 : 1 + Math.floor(random() * 3);
  let afterTool = false;
  return Array.from({ length: count }, (_, index): Turn => {
    const tool = index < count - 1 && random() < habit.tools;
    const thinkMs = index === 0 ? 0 : between(afterTool ? habit.toolMs : habit.thinkMs, random);
    const agents =
      habit.agents === null || index !== split
        ? []
        : Array.from({ length: habit.agents.count }, () =>
            conversationOf({ ...helper, model: habit.agents?.model ?? habit.model }, session, random),
          );
    afterTool = tool;
    return {
      model: models[habit.model],
      stream: habit.stream,
      thinkMs,
      added: between(habit.added, random),
      tool,
      count: random() < habit.counts,
      agents,
    };
  });
};

/** A sub-agent's conversation when `parent` is a session. */
const conversationOf = (habit: Habit, parent: string | null, random: Random): Conversation => {
  const session = habit.program === 'sdk' ? null : (parent ?? uuid(random));
  return {
    program: habit.program,
    session,
    agent: parent === null ? null : hex(12, random),
    system: between(habit.system, random),
    turns: turnsOf(habit, session, random),
  };
};

/** The next conversation of somebody with that habit. */
export const nextConversation = (habit: Habit, random: Random): Conversation =>
  conversationOf(habit, null, random);

/** What goes wrong, or what somebody does in the middle. */
export type Happening = {
  /** Since the start. */
  atMs: number;
  what: 'pace' | 'overload' | 'cut' | 'leave' | 'outage' | 'drought' | 'sign-out' | 'sign-in';
  /** The only account it hits; whoever asks next by default. */
  account?: string;
  /** Of `pace` and `overload`: how long the provider asks for, in seconds; its usual answer by default. */
  restS?: number;
};

// What a viewer is to see in the first twenty seconds, beside the window that runs out. In the end all of it comes
// together: a request waits for the account that asks for a break, and the reserve takes the others. Ten seconds later
// that asks for a break, too, and nobody can serve: all wait, until the owner of one has signed in. Then a while of calm.
const opening: readonly Happening[] = [
  { atMs: 3000, what: 'pace', account: 'team-a' },
  { atMs: 5000, what: 'leave' },
  { atMs: 7000, what: 'overload', account: 'team-a' },
  { atMs: 9000, what: 'cut' },
  { atMs: 11_000, what: 'sign-out', account: 'lab' },
  { atMs: 13_000, what: 'pace', account: 'home', restS: 8 },
  { atMs: 15_500, what: 'outage' },
  { atMs: 30_500, what: 'drought', restS: 23 },
  { atMs: 43_000, what: 'sign-in', account: 'lab' },
];
const calmUntilMs = 78_000;

const later: readonly Happening['what'][] = ['pace', 'overload', 'cut', 'leave', 'outage'];

/** First the opening, then one thing or another every 14 to 40 seconds, without end. */
export function* happenings(random: Random): Generator<Happening, never> {
  yield* opening;
  let atMs = calmUntilMs;
  for (;;) {
    yield { atMs, what: later[Math.floor(random() * later.length)] ?? 'pace' };
    atMs += between([14_000, 40_000], random);
  }
}
