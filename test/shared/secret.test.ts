import { format, inspect } from 'node:util';
import { expect, test } from 'vitest';
import { Secret } from '../../source/shared/secret.ts';

const canary = 'canary-4f1d9c';
const secret = new Secret(canary);

test.each<[string, string]>([
  ['joining', [secret, secret].join(' ')],
  ['String()', String(secret)],
  ['JSON', JSON.stringify({ secret })],
  ['inspect', inspect({ deep: { secret } }, { depth: 9, showHidden: true })],
  ['format', format('%s %o %j', secret, secret, secret)],
  ['keys', JSON.stringify([Object.keys(secret), Object.entries(secret), Reflect.ownKeys(secret)])],
  ['an error message', new Error('refused: ' + String(secret)).message],
  ['a copy', JSON.stringify(Object.assign({}, secret))],
])('%s does not show it', (_, text) => {
  expect(text).not.toContain(canary);
});

test('a structured clone does not carry it to another thread', () => {
  expect(inspect(structuredClone(secret), { showHidden: true })).not.toContain(canary);
});

test('only reveal gives the text', () => {
  expect(secret.reveal()).toBe(canary);
});
