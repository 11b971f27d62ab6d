import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { errorAnswer, jsonAnswer } from '../../source/demo/error-answers.ts';

test.each([401, 403, 404, 413, 429, 500, 529] as const)('%i has the recorded envelope', (status) => {
  const file = new URL(`../fixtures/error-${status}.json`, import.meta.url);
  const { body } = JSON.parse(readFileSync(file, 'utf8')) as {
    body: { error: { message: string }; request_id: string };
  };
  const answer = errorAnswer(status, body.error.message, body.request_id, [['retry-after', '5']]);
  expect(answer.status).toBe(status);
  expect(JSON.parse(answer.body)).toEqual(body);
  expect(answer.headers).toEqual([
    ['content-type', 'application/json'],
    ['retry-after', '5'],
  ]);
});

test('a JSON answer is its body', () => {
  expect(jsonAnswer(200, { a: 1 })).toEqual({
    status: 200,
    headers: [['content-type', 'application/json']],
    body: '{"a":1}',
  });
});
