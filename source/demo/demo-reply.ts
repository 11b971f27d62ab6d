import type { MessageRequest } from './parse-request.ts';
import { between } from './random.ts';
import type { Random } from '../shared/seeded-random.ts';
import { createReplier, type Replier } from './replies.ts';
import type { Pace } from './send-answer.ts';

type Voice = { headMs: readonly [number, number]; pieceMs: number };

// A piece is about six tokens. A large model thinks longer before it begins, and speaks more slowly.
const voices: readonly (readonly [RegExp, Voice])[] = [
  [/opus/, { headMs: [700, 1900], pieceMs: 95 }],
  [/sonnet/, { headMs: [450, 1300], pieceMs: 65 }],
  [/./, { headMs: [250, 700], pieceMs: 32 }],
];

const wordsOf = ({ stream, forcedTool }: MessageRequest): readonly [number, number] => {
  if (forcedTool !== null) return [10, 60];
  return stream ? [110, 620] : [20, 90];
};

const paceOf = ({ model, stream }: MessageRequest, outputTokens: number, random: Random): Pace => {
  const voice = voices.find(([pattern]) => pattern.test(model))?.[1] ?? { headMs: [300, 600], pieceMs: 50 };
  const headMs = between(voice.headMs, random);
  // Without a stream nothing comes before all of it has been said.
  return stream
    ? { headMs, pieceMs: voice.pieceMs }
    : { headMs: headMs + (outputTokens / 6) * voice.pieceMs, pieceMs: 0 };
};

const say = createReplier((request, random) => between(wordsOf(request), random));

/** Answers of the length and at the speed that a person is used to: streams of 2 to 20 seconds. */
export const demoReply: Replier = (request, random) => {
  const reply = say(request, random);
  return { ...reply, pace: paceOf(request, reply.outputTokens, random) };
};
