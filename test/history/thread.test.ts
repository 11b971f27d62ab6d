import { expect, test } from 'vitest';
import type { FromHistory } from '../../source/history/messages.ts';
import { startThread } from '../../source/history/thread.ts';
import { givenFile } from '../kit/given-file.ts';
import { idsIn, samples } from './rows.ts';

let file: string;
givenFile('history.sqlite', (path) => {
  file = path;
});

const settings = () => ({
  file,
  retentionDays: 36_500,
  maxMiB: 16,
  retryMs: 20,
});

test('the thread takes what is posted before its end, then ends', async () => {
  const messages: FromHistory[] = [];
  const thread = startThread(settings(), {
    onMessage: (message) => messages.push(message),
    onDeath: expect.fail,
  });
  thread.post({ type: 'rows', rows: samples(3) });
  await thread.end(5000);
  expect(idsIn(file)).toHaveLength(3);
  expect(messages).toEqual([{ type: 'taken' }]);
});

test('a thread that dies says why, takes no more, and its end is no error', async () => {
  const died = Promise.withResolvers<unknown>();
  const thread = startThread(settings(), { onMessage: () => {}, onDeath: died.resolve });
  // No message that this version knows: its row cannot be read.
  const unreadable = { ...samples(1)[0], attempts: { map: () => null } };
  thread.post({ type: 'rows', rows: [unreadable as never] });
  expect(await died.promise).toBeInstanceOf(TypeError);
  thread.post({ type: 'rows', rows: samples(1) });
  await thread.end(5000);
});
