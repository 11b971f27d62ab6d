import { expect, test } from 'vitest';
import { createQuestions } from '../../source/history/questions.ts';
import type { Statistics, StatsQuestion } from '../../source/shared/statistics.ts';
import { busyStatistics } from '../store/stats-samples.ts';

const question = { since: 0, slotMs: 10_000, slots: 1 };

test('each answer goes to who asked, in whatever order they come', async () => {
  const posted: number[] = [];
  const { ask, answered } = createQuestions<StatsQuestion, Statistics>((id) => void posted.push(id));
  const [first, second] = [ask(question), ask(question)];
  answered({ id: posted[1]!, answer: { ...busyStatistics, note: 'second' } });
  answered({ id: posted[0]!, problem: 'history.sqlite cannot be read' });
  answered({ id: 99, problem: 'nobody asked' });
  expect((await second).note).toBe('second');
  await expect(first).rejects.toMatchObject({
    code: 'history_unavailable',
    message: 'history.sqlite cannot be read',
  });
});

test('nobody waits for an answer that cannot come', async () => {
  const { ask, giveUp } = createQuestions<StatsQuestion, Statistics>(() => {});
  const asked = [ask(question), ask(question)];
  giveUp('its thread has ended');
  for (const each of asked) await expect(each).rejects.toThrow('its thread has ended');
});

test('after the end every question is refused, and none is posted', async () => {
  const posted: number[] = [];
  const { ask, close } = createQuestions<StatsQuestion, Statistics>((id) => void posted.push(id));
  close('it is closed');
  await expect(ask(question)).rejects.toThrow('it is closed');
  expect(posted).toEqual([]);
});

test('more than a few at once are refused', async () => {
  const { ask, giveUp } = createQuestions<StatsQuestion, Statistics>(() => {});
  const asked = Array.from({ length: 32 }, () => ask(question));
  await expect(ask(question)).rejects.toThrow('the history is busy');
  giveUp('it is closed');
  await Promise.allSettled(asked);
  const again = ask(question);
  giveUp('it is closed');
  await expect(again).rejects.toThrow('it is closed');
});
