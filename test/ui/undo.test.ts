import { describe, expect, it } from 'vitest';
import { createUndos, undoMs } from '../../source/ui/undo.ts';

const recorder = () => {
  let now = 0;
  const undone: string[] = [];
  const undos = createUndos({ monotonic: () => now });
  const push = (name: string): (() => void) => undos.push(() => void undone.push(name));
  return { undone, undos, push, pass: (ms: number): number => (now += ms) };
};

describe('createUndos', () => {
  it('takes back one by one, the newest first', () => {
    const { undone, undos, push } = recorder();
    push('a');
    push('b');
    expect([undos.undo(), undos.undo(), undos.undo()]).toEqual([true, true, false]);
    expect(undone).toEqual(['b', 'a']);
  });

  it('forgets what has not happened after all, and nothing else', () => {
    const { undone, undos, push } = recorder();
    push('a');
    const forget = push('b');
    forget();
    forget();
    expect([undos.undo(), undos.undo(), undone]).toEqual([true, false, ['a']]);
  });

  it('takes nothing back that is older than ten seconds, nor what was before that', () => {
    const { undone, undos, push, pass } = recorder();
    push('a');
    pass(undoMs + 1);
    push('b');
    pass(undoMs);
    expect([undos.undo(), undos.undo(), undone]).toEqual([true, false, ['b']]);
  });

  it('remembers a bounded number', () => {
    const { undone, undos, push } = recorder();
    for (let i = 0; i < 1000; i += 1) push(String(i));
    while (undos.undo());
    expect([undone.length, undone.at(-1)]).toEqual([20, '980']);
  });
});
