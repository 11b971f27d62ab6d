import { expect, test } from 'vitest';
import { lot } from '../../source/balancer/lot.ts';
import { seededRandom } from '../../source/shared/seeded-random.ts';
import { idOf } from './sample.ts';

const names = ['a', 'b', 'c'];

/** How often each has the highest lot. */
const wins = (weights: readonly number[], rounds: number): number[] => {
  const random = seededRandom(7);
  const won = names.map(() => 0);
  for (let round = 0; round < rounds; round += 1) {
    const lottery = random();
    const lots = names.map((name, at) => lot({ id: idOf(name), weight: weights[at] ?? 1 }, lottery));
    const winner = lots.indexOf(Math.max(...lots));
    won[winner] = (won[winner] ?? 0) + 1;
  }
  return won.map((count) => count / rounds);
};

test('each wins as often as its weight says', () => {
  for (const weights of [
    [1, 1, 1],
    [1, 2, 5],
    [0.1, 10, 1],
  ]) {
    const sum = weights.reduce((total, weight) => total + weight, 0);
    wins(weights, 20_000).forEach((share, at) => {
      expect(Math.abs(share - (weights[at] ?? 0) / sum)).toBeLessThan(0.015);
    });
  }
});

test('the same lottery gives the same lots, between 0 and 1', () => {
  for (const lottery of [0, 0.3, 0.999999]) {
    const drawn = lot({ id: idOf('a'), weight: 2 }, lottery);
    expect(lot({ id: idOf('a'), weight: 2 }, lottery)).toBe(drawn);
    expect(drawn).toBeGreaterThan(0);
    expect(drawn).toBeLessThanOrEqual(1);
  }
});
