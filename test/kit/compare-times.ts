import { median } from './median.ts';
// Whether a secret shows in how long something takes. Two texts differ by more than any comparison of secrets does, by
// their letters, their age and where they lie. So each pair of guesses is timed twice, with the secret that the one is
// close to and with the secret that the other is close to: all else that they have is the same both times.

/** Two guesses, made in the same way: `one` is close to the first secret, `other` is as close to the second. */
export type Pair = { one: string; other: string };

export type Guessing = {
  pairs: readonly Pair[];
  /** Makes the first secret the one that opens, or the second. */
  choose(secret: 'first' | 'second'): void;
  /** What is timed: it must refuse the guess. */
  refuse(guess: string): void;
};

/** So many pairs share one middle difference, so that what else the machine did meanwhile counts once. */
const blockSize = 100;
/** An odd number: the middle one is one of them. */
const repetitions = 9;

/** As it comes off a connection: flat, and not looked at before. */
const arrived = (text: string): string => Buffer.from(text, 'latin1').toString('latin1');

const isHeads = (): boolean => Math.random() < 0.5;

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** How much longer `one` takes than `other`. Both within a moment and in an order by chance: what drifts, drifts for both. */
const difference = ({ one, other }: Pair, refuse: Guessing['refuse']): number => {
  const timeOf = (guess: string): number => {
    const before = performance.now();
    refuse(guess);
    return performance.now() - before;
  };
  if (isHeads()) {
    const [first, second] = [arrived(one), arrived(other)];
    return timeOf(first) - timeOf(second);
  }
  const [first, second] = [arrived(other), arrived(one)];
  return -(timeOf(first) - timeOf(second));
};

/** How much longer a guess takes that is close to the secret, by these pairs. */
const apartIn = (pairs: readonly Pair[], { choose, refuse }: Guessing): number => {
  const found = { first: 0, second: 0 };
  for (const secret of isHeads() ? (['first', 'second'] as const) : (['second', 'first'] as const)) {
    choose(secret);
    found[secret] = median(pairs.map((pair) => difference(pair, refuse)));
  }
  return (found.first - found.second) / 2;
};

const sigmasOnce = (guessing: Guessing): number => {
  const { pairs } = guessing;
  const blocks: number[] = [];
  for (let at = 0; at < pairs.length; at += blockSize) {
    blocks.push(apartIn(pairs.slice(at, at + blockSize), guessing));
  }
  const apart = mean(blocks);
  const variance = mean(blocks.map((value) => (value - apart) ** 2)) / (blocks.length - 1);
  return Math.abs(apart) / Math.sqrt(variance);
};

/**
 * How far apart guesses that are close to the secret and guesses that are not are in time, in standard deviations of
 * their mean difference: the middle one of several measurements, each of all pairs. Of single ones every twentieth is
 * beyond 2 by chance alone, of middle ones not one in a thousand.
 */
export const sigmasApart = (guessing: Guessing): number =>
  median(Array.from({ length: repetitions }, () => sigmasOnce(guessing)));
