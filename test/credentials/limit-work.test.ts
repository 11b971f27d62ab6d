import { expect, test } from 'vitest';
import { limitWork } from '../../source/credentials/limit-work.ts';

test('so many run at once and no more, in the order they came, also after one failed', async () => {
  const limit = limitWork(2);
  const gates = Array.from({ length: 5 }, () => Promise.withResolvers<void>());
  const begun: number[] = [];
  const works = gates.map(({ promise }, index) =>
    limit.run(async () => {
      begun.push(index);
      await promise;
      if (index === 1) throw new Error('failed');
    }),
  );
  const ends = Promise.allSettled(works);
  expect([begun, limit.room()]).toEqual([[0, 1], 0]);
  gates[1]?.resolve();
  await expect(works[1]).rejects.toThrow('failed');
  expect(begun).toEqual([0, 1, 2]);
  for (const { resolve } of gates) resolve();
  await ends;
  expect([begun, limit.room()]).toEqual([[0, 1, 2, 3, 4], 2]);
});
