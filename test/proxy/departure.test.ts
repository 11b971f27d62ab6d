import { expect, test } from 'vitest';
import { Departure } from '../../source/proxy/departure.ts';

test('tells every listener once, and those that come later not at all', () => {
  const client = new Departure();
  const told: string[] = [];
  client.onLeave(() => told.push('first'));
  client.onLeave(() => told.push('second'));
  expect(client.gone).toBe(false);
  client.leave();
  client.leave();
  client.onLeave(() => told.push('late'));
  expect(told).toEqual(['first', 'second']);
  expect(client.gone).toBe(true);
});

test('does not tell who has stopped listening', () => {
  const client = new Departure();
  const told: string[] = [];
  const stop = client.onLeave(() => told.push('stopped'));
  client.onLeave(() => told.push('listening'));
  stop();
  stop();
  client.leave();
  expect(told).toEqual(['listening']);
});

test('what is waited for comes, unless the client goes before it', async () => {
  const client = new Departure();
  expect(await client.waitFor(Promise.resolve(7))).toBe(7);
  await expect(client.waitFor(Promise.reject(new Error('no')))).rejects.toThrow('no');
  const waiting = client.waitFor(new Promise<number>(() => {}));
  client.leave();
  expect(await waiting).toBe('gone');
  expect(await client.waitFor(Promise.resolve(7))).toBe('gone');
});

test('a listener may stop another while they are told', () => {
  const client = new Departure();
  const told: string[] = [];
  client.onLeave(() => {
    told.push('first');
    stop();
  });
  const stop = client.onLeave(() => told.push('second'));
  client.leave();
  expect(told[0]).toBe('first');
});
