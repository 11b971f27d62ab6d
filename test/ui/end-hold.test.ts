import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Commander } from '../../source/shared/session.ts';
import { CcrError } from '../../source/shared/errors.ts';
import { openModel, plain } from './open-model.ts';
import { busyState, later, liveRow, now } from './sample.ts';

const rows = [...busyState.rows, liveRow(9, { heldUntil: later(9000) }), liveRow(10)];
const state = { ...busyState, rows, seen: 10, inFlight: 4 };

const asked = (answer: () => Promise<never> = async () => undefined as never) => {
  const commands: unknown[] = [];
  const run: Commander['run'] = (name, args) => {
    commands.push([name, args]);
    return answer();
  };
  return { ...openModel(state, run), commands };
};

describe('the selected request, which is held', () => {
  beforeEach(() => {
    vi.useFakeTimers({ now });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it.each([
    ['r', 'request.release', 'answered with a 429'],
    ['X', 'request.cancel', 'given up'],
  ])('is ended with %s', async (key, command, words) => {
    const { model, commands } = asked();
    model.press(`2k${key}`, plain);
    await vi.advanceTimersByTimeAsync(0);
    expect(commands).toEqual([[command, { request: 'r9' }]]);
    expect(model.frame().log.join('')).toContain(words);
  });

  it('is not ended by the same keys elsewhere, and no other request is', async () => {
    const { model, commands } = asked();
    model.press('2r', plain);
    await vi.advanceTimersByTimeAsync(0);
    expect(model.frame().log.join('')).toContain('select a request that is held');
    model.press('3rX', plain);
    await vi.advanceTimersByTimeAsync(0);
    expect(commands).toEqual([]);
  });

  it('may have gone on meanwhile, which is told', async () => {
    const { model } = asked(() => Promise.reject(new CcrError('unknown_request', 'not held any more')));
    model.press('2kr', plain);
    await vi.advanceTimersByTimeAsync(0);
    expect(model.frame().log.join('')).toContain('not held any more');
  });
});
