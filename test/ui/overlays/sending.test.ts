import { describe, expect, it } from 'vitest';
import { createSending } from '../../../source/ui/overlays/sending.ts';

const open = () => {
  const told: string[] = [];
  const sending = createSending({ close: () => told.push('close'), changed: () => told.push('changed') });
  const send = (work: Promise<string>): Promise<void> =>
    sending.send(
      () => work,
      (result, closed) => told.push(`done ${result} ${closed}`),
      (error, closed) => told.push(`failed ${String(error instanceof Error && error.message)} ${closed}`),
    );
  return { told, sending, send };
};

describe('what a dialog has sent', () => {
  it('keeps it from being typed in until it is refused, and then draws it anew', async () => {
    const { told, sending, send } = open();
    const { promise, reject } = Promise.withResolvers<string>();
    const ended = send(promise);
    expect(sending.isBusy()).toBe(true);
    reject(new Error('no'));
    await ended;
    expect(sending.isBusy()).toBe(false);
    expect(told).toEqual(['failed no false', 'changed']);
  });

  it('goes on when the dialog is closed, and its end is told all the same', async () => {
    const { told, sending, send } = open();
    const { promise, resolve } = Promise.withResolvers<string>();
    const ended = send(promise);
    sending.close();
    resolve('it');
    await ended;
    expect(told).toEqual(['close', 'done it true', 'changed']);
    // Nothing is to be sent twice.
    expect(sending.isBusy()).toBe(true);
  });
});
