import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import { collectStopWishes, drainOrCut, exitCodeOf, type StopReason } from '../source/shutdown.ts';
import { CcrError } from '../source/shared/errors.ts';
import { systemClock } from '../source/shared/clock.ts';
import { runningTime } from './kit/running-time.ts';

const process_ = (): NodeJS.Process => new EventEmitter() as NodeJS.Process;

describe('wishes to stop', () => {
  it('come in their order, whether somebody waits or not', async () => {
    const node = process_();
    const wishes = collectStopWishes(node);
    node.emit('SIGTERM', 'SIGTERM');
    wishes.push({ kind: 'key', key: 'q' });
    expect(await wishes.next()).toEqual({ kind: 'signal', signal: 'SIGTERM' });
    expect(await wishes.next()).toEqual({ kind: 'key', key: 'q' });
    const next = wishes.next();
    node.emit('SIGHUP', 'SIGHUP');
    expect(await next).toEqual({ kind: 'signal', signal: 'SIGHUP' });
  });

  it('are also errors that nobody caught', async () => {
    const node = process_();
    const wishes = collectStopWishes(node);
    const error = new Error('lost');
    (node as EventEmitter).emit('uncaughtException', error);
    expect(await wishes.next()).toEqual({ kind: 'broken', error });
    (node as EventEmitter).emit('unhandledRejection', error);
    expect(await wishes.next()).toEqual({ kind: 'broken', error });
  });

  it('are told to whoever has not asked for one yet', () => {
    const wishes = collectStopWishes(process_());
    expect(wishes.first.aborted).toBe(false);
    wishes.push({ kind: 'asked' });
    expect(wishes.first.aborted).toBe(true);
  });

  it('are not Ctrl-C while another program of the terminal is the one it ends', async () => {
    const node = process_();
    const wishes = collectStopWishes(node);
    const failed = wishes.withoutInterrupts(async () => {
      node.emit('SIGINT', 'SIGINT');
      throw new Error('the program failed');
    });
    await expect(failed).rejects.toThrow('the program failed');
    expect(wishes.first.aborted).toBe(false);
    await wishes.withoutInterrupts(async () => void node.emit('SIGTERM', 'SIGTERM'));
    node.emit('SIGINT', 'SIGINT');
    expect(await wishes.next()).toEqual({ kind: 'signal', signal: 'SIGTERM' });
    expect(await wishes.next()).toEqual({ kind: 'signal', signal: 'SIGINT' });
  });

  it('give everything back when closed', () => {
    const node = process_();
    collectStopWishes(node).close();
    expect(node.eventNames()).toEqual([]);
  });
});

describe('draining', () => {
  const draining = (limitMs = 5000) => {
    const wishes = collectStopWishes(process_());
    const drained = Promise.withResolvers<number>();
    const ticks: [number, number][] = [];
    const limits: number[] = [];
    const cut = drainOrCut({
      wishes,
      limitMs,
      clock: systemClock,
      inFlight: () => 3,
      onTick: (inFlight, leftMs) => ticks.push([inFlight, leftMs]),
      drain(limit) {
        limits.push(limit);
        return drained.promise;
      },
    });
    return { wishes, drained, ticks, limits, cut };
  };

  it('ends with what the drain says', async () => {
    const { drained, ticks, limits, cut } = draining();
    drained.resolve(0);
    expect(await cut).toBe(0);
    expect(limits).toEqual([5000]);
    expect(ticks).toHaveLength(1);
    expect(ticks[0]?.[0]).toBe(3);
    expect(ticks[0]?.[1]).toBeGreaterThan(4900);
  });

  it('ends at once with the next wish; what is in flight then is cut', async () => {
    const { wishes, limits, cut } = draining();
    wishes.push({ kind: 'signal', signal: 'SIGTERM' });
    const elapsed = runningTime();
    // Even when the drain never tells its end: longer than a data plane takes for its last rows.
    expect(await cut).toBe(3);
    expect(elapsed()).toBeLessThan(1650);
    expect(limits).toEqual([5000, 0]);
  });

  const lost = Object.assign(new Error('setRawMode EIO'), { code: 'EIO' });

  it.each<[string, StopReason]>([
    ['a hangup', { kind: 'signal', signal: 'SIGHUP' }],
    ['a wish of others', { kind: 'asked' }],
    ['the end of what it was attached to', { kind: 'gone' }],
    ['the terminal that has gone', { kind: 'broken', error: lost }],
    ['a write to it', { kind: 'broken', error: new CcrError('failed', 'cannot write', { cause: lost }) }],
  ])('goes on after %s, which nobody sends to hurry it', async (_, reason) => {
    const { wishes, drained, limits, cut } = draining();
    wishes.push(reason);
    await new Promise((resolve) => setImmediate(resolve));
    expect(limits).toEqual([5000]);
    wishes.push(reason);
    drained.resolve(0);
    expect(await cut).toBe(0);
  });

  it('ends at once when something breaks that is no terminal', async () => {
    const { wishes, limits, cut } = draining();
    wishes.push({ kind: 'broken', error: new Error('lost') });
    expect(await cut).toBe(3);
    expect(limits).toEqual([5000, 0]);
  });

  it('tells of each change, until it has ended', async () => {
    const wishes = collectStopWishes(process_());
    const drained = Promise.withResolvers<number>();
    const changes = new EventEmitter();
    const seen: number[] = [];
    let inFlight = 2;
    const cut = drainOrCut({
      wishes,
      limitMs: 5000,
      clock: systemClock,
      inFlight: () => inFlight,
      subscribe(listener) {
        changes.on('change', listener);
        return () => void changes.off('change', listener);
      },
      onTick: (count) => seen.push(count),
      drain: () => drained.promise,
    });
    inFlight = 1;
    changes.emit('change');
    expect(seen).toEqual([2, 1]);
    drained.resolve(0);
    await cut;
    expect(changes.listenerCount('change')).toBe(0);
  });

  it('counts what the drain itself had to cut at the next wish, though nobody here knew of it yet', async () => {
    const wishes = collectStopWishes(process_());
    const cut = drainOrCut({
      wishes,
      limitMs: 5000,
      clock: systemClock,
      inFlight: () => 0,
      drain: (limitMs) => (limitMs > 0 ? new Promise(() => {}) : Promise.resolve(2)),
    });
    wishes.push({ kind: 'key', key: 'q' });
    expect(await cut).toBe(2);
  });

  it('counts what the next wish cut although the drain itself cut nothing', async () => {
    const { wishes, drained, cut } = draining();
    wishes.push({ kind: 'key', key: 'q' });
    await Promise.resolve();
    drained.resolve(0);
    expect(await cut).toBe(3);
  });

  it('says every second what is left', async () => {
    const { drained, ticks, cut } = draining();
    const [first] = ticks;
    await expect.poll(() => ticks.length).toBeGreaterThan(1);
    expect(ticks[1]?.[1]).toBeLessThan((first?.[1] ?? 0) - 900);
    drained.resolve(1);
    expect(await cut).toBe(1);
  });
});

describe('the exit code', () => {
  const signal = (name: 'SIGINT' | 'SIGTERM' | 'SIGHUP'): StopReason => ({ kind: 'signal', signal: name });
  const rows: [StopReason, number, boolean, number][] = [
    [signal('SIGTERM'), 0, false, 0],
    [signal('SIGINT'), 0, false, 0],
    [signal('SIGHUP'), 0, false, 0],
    [signal('SIGTERM'), 2, false, 143],
    [signal('SIGINT'), 1, false, 130],
    [signal('SIGHUP'), 1, false, 129],
    [signal('SIGTERM'), 0, true, 143],
    [signal('SIGINT'), 0, true, 130],
    [signal('SIGHUP'), 0, true, 129],
    [{ kind: 'key', key: 'q' }, 0, true, 0],
    [{ kind: 'key', key: 'q' }, 3, true, 0],
    [{ kind: 'key', key: 'ctrl+c' }, 0, true, 130],
    [{ kind: 'asked' }, 0, false, 0],
    [{ kind: 'gone' }, 0, true, 0],
    [{ kind: 'broken', error: new Error('x') }, 0, false, 1],
  ];
  it.each(rows)('of %j with %i cut, on a screen: %s, is %i', (reason, cut, onScreen, code) => {
    expect(exitCodeOf(reason, cut, onScreen)).toBe(code);
  });
});
