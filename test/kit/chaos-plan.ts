import { between } from '../../source/demo/random.ts';
import { seededRandom, type Random } from '../../source/shared/seeded-random.ts';

/** What an upstream does to one attempt. */
export type Toxic =
  | 'answer'
  | 'slow-head'
  | 'slow-body'
  | 'slices'
  | 'early'
  | 'reset-before-head'
  | 'end-before-head'
  | 'half-head'
  | 'garbage'
  | 'reset-mid-body'
  | 'end-mid-body'
  | 'no-end'
  | 'error-event'
  | 'extra-bytes'
  | 'spent'
  | 'pace'
  | 'refused'
  | 'invalid'
  | 'unauthorized'
  | 'server-error'
  | 'unavailable'
  | 'overloaded';

/** When a client leaves, if it does. */
export type Leave = 'mid-upload' | 'waiting' | 'mid-answer';

export type Plan = {
  index: number;
  stream: boolean;
  /** Bytes of text in the question. */
  padding: number;
  leave: Leave | null;
  /** Milliseconds before a client that waits leaves. */
  patience: number;
  /** One for each attempt; whoever asks more often is answered. */
  toxics: readonly Toxic[];
};

const harmless: readonly Toxic[] = ['answer', 'slow-head', 'slow-body', 'slices', 'early', 'extra-bytes'];
const beforeAnswer: readonly Toxic[] = [
  'reset-before-head',
  'end-before-head',
  'half-head',
  'garbage',
  'refused',
  'invalid',
  'server-error',
  'unavailable',
  'overloaded',
];
const withinAnswer: readonly Toxic[] = ['reset-mid-body', 'end-mid-body', 'no-end', 'error-event'];

const oneOf = <T>(choices: readonly T[], random: Random): T | undefined =>
  choices[Math.floor(random() * choices.length)];

const toxicOf = (random: Random): Toxic => {
  const dice = random();
  const kind = dice < 0.06 ? beforeAnswer : dice < 0.12 ? withinAnswer : dice < 0.3 ? harmless : [];
  return oneOf(kind, random) ?? 'answer';
};

const leaves: readonly Leave[] = ['mid-upload', 'waiting', 'mid-answer'];

/** What happens to the request of that number: the same for the same seed, whatever the others do meanwhile. */
export const planOf = (seed: number, index: number, of: number): Plan => {
  const random = seededRandom(Math.imul(seed, 1_000_003) + index);
  const toxics = Array.from({ length: 4 }, () => toxicOf(random));
  // Rarely: an account rests for a second then, or for minutes when its key was refused.
  if (index === Math.floor(of * 0.9)) toxics[0] = 'unauthorized';
  else if (index % 500 === 250) toxics[0] = index % 1000 === 250 ? 'spent' : 'pace';
  return {
    index,
    stream: random() < 0.5,
    padding: random() < 0.1 ? between([20_000, 200_000], random) : between([0, 500], random),
    leave: random() < 0.025 ? (oneOf(leaves, random) ?? null) : null,
    patience: between([0, 20], random),
    toxics,
  };
};
