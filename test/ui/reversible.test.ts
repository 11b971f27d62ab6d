import { describe, expect, it } from 'vitest';
import { createReversible } from '../../source/ui/reversible.ts';
import { createUndos } from '../../source/ui/undo.ts';

const recorder = (outcome: () => Promise<unknown> = () => Promise.resolve()) => {
  const ran: string[] = [];
  const done: string[] = [];
  const errors: unknown[] = [];
  const undos = createUndos({ monotonic: () => 0 });
  const changes = createReversible<string>({
    undos,
    async run(value) {
      ran.push(value);
      await outcome();
    },
    onDone: (value, undone) => void done.push(`${value} ${undone}`),
    onError: (error) => void errors.push(error),
  });
  return { ran, done, errors, undos, changes };
};
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('createReversible', () => {
  it('changes, and takes back', async () => {
    const { ran, done, undos, changes } = recorder();
    changes.change('b', 'a');
    await settled();
    expect([undos.undo(), undos.undo()]).toEqual([true, false]);
    await settled();
    expect(ran).toEqual(['b', 'a']);
    expect(done).toEqual(['b false', 'a true']);
  });

  it('makes one change after the other, and knows meanwhile what is wanted', async () => {
    const answers: (() => void)[] = [];
    const { ran, undos, changes } = recorder(() => new Promise<void>((resolve) => answers.push(resolve)));
    changes.change('b', 'a');
    changes.change('c', 'b');
    undos.undo();
    await settled();
    expect([ran, changes.wanted()]).toEqual([['b'], 'b']);
    for (let i = 0; i < 3; i += 1) {
      answers[i]?.();
      await settled();
    }
    expect([ran, changes.wanted()]).toEqual([['b', 'c', 'b'], undefined]);
  });

  it('changes several values side by side, each in its own order', async () => {
    const answers: (() => void)[] = [];
    const { ran, undos, changes } = recorder(() => new Promise<void>((resolve) => answers.push(resolve)));
    changes.change('b', 'a', 'one');
    changes.change('c', 'b', 'one');
    changes.change('y', 'x', 'other');
    await settled();
    expect(ran).toEqual(['b', 'y']);
    expect([changes.wanted('one'), changes.wanted('other'), changes.wanted()]).toEqual(['c', 'y', undefined]);
    undos.undo();
    expect(changes.wanted('other')).toBe('x');
    for (let i = 0; i < 4; i += 1) {
      answers[i]?.();
      await settled();
    }
    expect([changes.wanted('one'), changes.wanted('other')]).toEqual([undefined, undefined]);
  });

  it('has nothing to take back after a failure, and says why', async () => {
    const failure = new Error('no');
    const { errors, done, undos, changes } = recorder(() => Promise.reject(failure));
    changes.change('b', 'a');
    await settled();
    expect([undos.undo(), errors, done, changes.wanted()]).toEqual([false, [failure], [], undefined]);
  });

  it('takes back to what it really was, where the change before has failed meanwhile', async () => {
    let count = 0;
    const { ran, done, undos, changes } = recorder(async () => {
      count += 1;
      if (count === 1) throw new Error('no');
    });
    changes.change('b', 'a');
    changes.change('c', 'b');
    await settled();
    expect([undos.undo(), undos.undo()]).toEqual([true, false]);
    await settled();
    expect([ran, done]).toEqual([
      ['b', 'c', 'a'],
      ['c false', 'a true'],
    ]);
  });
});
