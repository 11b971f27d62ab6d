import { describe, expect, it } from 'vitest';
import type { Commander } from '../../source/shared/session.ts';
import { createAccountToggle } from '../../source/ui/account-toggle.ts';
import { createUndos, undoMs } from '../../source/ui/undo.ts';
import { accountOf } from './sample.ts';

const recorder = (outcome: () => Promise<unknown> = () => Promise.resolve()) => {
  const ran: string[] = [];
  const errors: unknown[] = [];
  const done: string[] = [];
  let now = 0;
  const run: Commander['run'] = async (name, args) => {
    ran.push(`${name} ${'account' in args ? args.account : ''}`);
    await outcome();
    return undefined as never;
  };
  const undos = createUndos({ monotonic: () => now });
  const accounts = createAccountToggle({
    commander: { run },
    undos,
    onDone: ({ name }, paused, undone) => done.push(`${name} ${paused} ${undone}`),
    onError: (error) => errors.push(error),
  });
  const pass = (ms: number): void => {
    now += ms;
  };
  return { ran, errors, done, pass, toggle: accounts.toggle, undo: undos.undo };
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

  it('takes toggles back one by one, the newest first', async () => {
    const { ran, done, toggle, undo } = recorder();
    toggle(accountOf('work'));
    toggle(accountOf('spare', { paused: true }));
    await settled();
    expect([undo(), undo(), undo()]).toEqual([true, true, false]);
    await settled();
    expect(ran.slice(2)).toEqual(['account.pause spare', 'account.resume work']);
    expect(done).toEqual(['work true false', 'spare false false', 'spare true true', 'work false true']);
  });

  it('takes a toggle back that has not been answered yet, after its answer', async () => {
    let answer = (): void => {};
    const { ran, toggle, undo } = recorder(() => new Promise<void>((resolve) => (answer = resolve)));
    toggle(accountOf('work'));
    expect(undo()).toBe(true);
    await settled();
    expect(ran).toEqual(['account.pause work']);
    answer();
    await settled();
    expect(ran).toEqual(['account.pause work', 'account.resume work']);
  });

  it('takes nothing back that is older than ten seconds', async () => {
    const { ran, pass, toggle, undo } = recorder();
    toggle(accountOf('work'));
    await settled();
    pass(undoMs + 1);
    expect(undo()).toBe(false);
    expect(ran).toEqual(['account.pause work']);
  });

  it('has nothing to take back after a failure, nor after an undo', async () => {
    const { ran, toggle, undo } = recorder(() => Promise.reject(new Error('no')));
    toggle(accountOf('work'));
    await settled();
    expect(undo()).toBe(false);
    expect(ran).toHaveLength(1);
  });

  it('remembers a bounded number of toggles', () => {
    const { toggle, undo } = recorder();
    for (let i = 0; i < 1000; i += 1) toggle(accountOf(`a${i}`));
    let undone = 0;
    while (undo()) undone += 1;
    expect(undone).toBe(20);
  });
});
