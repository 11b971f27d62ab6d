import { describe, expect, it } from 'vitest';
import { unlessAborted } from '../source/unless-aborted.ts';

const never = new Promise<never>(() => undefined);

describe('what is wanted unless a signal says otherwise', () => {
  it('is what it would be, with and without a signal', async () => {
    expect(await unlessAborted(Promise.resolve(1))).toBe(1);
    expect(await unlessAborted(Promise.resolve(1), new AbortController().signal)).toBe(1);
    const broken = Promise.reject(new Error('broken'));
    await expect(unlessAborted(broken, new AbortController().signal)).rejects.toThrow('broken');
  });

  it('is given up with the signal, also with one that came before', async () => {
    const control = new AbortController();
    const waiting = unlessAborted(never, control.signal);
    control.abort();
    await expect(waiting).rejects.toThrow('stopped before it had started');
    await expect(unlessAborted(never, control.signal)).rejects.toThrow('stopped before it had started');
  });
});
