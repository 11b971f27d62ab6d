import { describe, expect, it } from 'vitest';
import type { Commander } from '../../source/shared/session.ts';
import { createAccountToggle } from '../../source/ui/account-toggle.ts';
import { accountOf } from './sample.ts';

const recorder = (outcome: () => Promise<unknown> = () => Promise.resolve()) => {
  const ran: string[] = [];
  const errors: unknown[] = [];
  const run: Commander['run'] = async (name, args) => {
    ran.push(`${name} ${'account' in args ? args.account : ''}`);
    await outcome();
    return undefined as never;
  };
  return { ran, errors, toggle: createAccountToggle({ run }, (error) => errors.push(error)) };
};
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('createAccountToggle', () => {
  it('pauses what serves and resumes what is paused', async () => {
    const { ran, toggle } = recorder();
    toggle(accountOf('work'));
    toggle(accountOf('spare', { paused: true }));
    await settled();
    expect(ran).toEqual(['account.pause work', 'account.resume spare']);
  });

  it('goes back when pressed twice before the first answer, one after the other', async () => {
    let answer = (): void => {};
    const { ran, toggle } = recorder(() => new Promise<void>((resolve) => (answer = resolve)));
    toggle(accountOf('work'));
    toggle(accountOf('work'));
    await settled();
    expect(ran).toEqual(['account.pause work']);
    answer();
    await settled();
    expect(ran).toEqual(['account.pause work', 'account.resume work']);
  });

  it('tells a failure and goes by the state of the account afterwards', async () => {
    const failure = new Error('no');
    const { ran, errors, toggle } = recorder(() => Promise.reject(failure));
    toggle(accountOf('work'));
    await settled();
    toggle(accountOf('work'));
    await settled();
    expect(errors).toEqual([failure, failure]);
    expect(ran).toEqual(['account.pause work', 'account.pause work']);
  });
});
