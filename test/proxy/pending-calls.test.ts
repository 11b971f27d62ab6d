import { describe, expect, test } from 'vitest';
import { PendingCalls } from '../../source/proxy/pending-calls.ts';

const asking = (calls: PendingCalls<string>, numbers: number[] = []) => {
  const answer = calls.ask((call) => numbers.push(call));
  return { answer, call: numbers.at(-1)! };
};

describe('calls to another thread', () => {
  test('each gets its own answer, in whatever order they come', async () => {
    const calls = new PendingCalls<string>();
    const [first, second] = [asking(calls), asking(calls)];
    expect(first.call).not.toBe(second.call);
    calls.answer(second.call, 'second');
    calls.answer(first.call, 'first');
    expect(await Promise.all([first.answer, second.answer])).toEqual(['first', 'second']);
  });

  test('an error is an answer to one call alone', async () => {
    const calls = new PendingCalls<string>();
    const [first, second] = [asking(calls), asking(calls)];
    calls.answer(first.call, new Error('keychain locked'));
    calls.answer(second.call, 'stored');
    await expect(first.answer).rejects.toThrow('keychain locked');
    await expect(second.answer).resolves.toBe('stored');
  });

  test('an answer nobody waits for, or a second one, is ignored', async () => {
    const calls = new PendingCalls<string>();
    calls.answer(1, 'early');
    const { answer, call } = asking(calls);
    calls.answer(call, 'first');
    calls.answer(call, new Error('second'));
    calls.answer(99, new Error('nobody'));
    expect(await answer).toBe('first');
  });

  test('when the other side has gone everything that waits fails, and nothing asked later waits for ever', async () => {
    const calls = new PendingCalls<string>();
    const waiting = [asking(calls), asking(calls), asking(calls)];
    calls.failAll(new Error('the proxy has stopped'));
    for (const { answer } of waiting) await expect(answer).rejects.toThrow('the proxy has stopped');
    let sent = false;
    await expect(calls.ask(() => (sent = true))).rejects.toThrow('the proxy has stopped');
    expect(sent).toBe(false);
  });

  test('an answer that comes while the question is sent counts', async () => {
    const calls = new PendingCalls<string>();
    expect(await calls.ask((call) => calls.answer(call, 'at once'))).toBe('at once');
  });

  test('a question that cannot be sent fails at once', async () => {
    const calls = new PendingCalls<string>();
    const answer = calls.ask(() => {
      throw new Error('could not be cloned');
    });
    await expect(answer).rejects.toThrow('could not be cloned');
  });
});
