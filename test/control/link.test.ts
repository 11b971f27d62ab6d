import * as fc from 'fast-check';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { connectControl, type ControlClient } from '../../source/control/client.ts';
import { openLink, retryDelayMs, type LinkOptions, type LinkState } from '../../source/control/link.ts';
import { CcrError } from '../../source/shared/errors.ts';
import type { NumberedEvent } from '../../source/shared/events.ts';
import { event, serve } from './served.ts';

const timeoutMs = 15_000;
type Served = Awaited<ReturnType<typeof serve>>;

/** The time by which a link goes: it passes where `pass` says, and on no busy machine. */
const heldTime = () => {
  let now = 0;
  const spy = vi.spyOn(performance, 'now').mockImplementation(() => now);
  onTestFinished(() => spy.mockRestore());
  return { pass: (ms: number): void => void (now += ms) };
};

/** A link to an instance, and all that it tells. */
const open = async (served: Served, given: Partial<LinkOptions> = {}) => {
  const told: (number | string)[] = [];
  const states: LinkState[] = [];
  const dialled: ControlClient[] = [];
  let seq: number | null = null;
  const dial = async (): Promise<ControlClient> => {
    const client = await connectControl(served.instance, { timeoutMs });
    dialled.push(client);
    return client;
  };
  const link = await openLink({
    first: await dial(),
    dial,
    lastSeq: () => seq,
    onSnapshot(snapshot) {
      seq = snapshot.seq;
      told.push(`snapshot ${snapshot.seq}`);
      return true;
    },
    onEvents(events: readonly NumberedEvent[]) {
      seq = events.at(-1)?.seq ?? seq;
      told.push(...events.map((each) => each.seq));
    },
    onState: (state) => states.push(state),
    ...given,
    times: { retryMs: 5, mostMs: 20, absentMs: 200, beatMs: 10_000, ...given.times },
  });
  onTestFinished(link.close);
  return { link, told, states, dialled, cut: () => dialled.at(-1)?.close() };
};

describe('a link', () => {
  test('that is cut goes on behind what it knows: nothing is lost, nothing comes twice', async () => {
    const served = await serve();
    const { link, told, states, dialled, cut } = await open(served);
    for (let round = 0; round < 5; round += 1) {
      served.feed.emit(event(1));
      cut();
      served.feed.emit(event(2), event(3));
      await expect.poll(() => states.length).toBe(2 * round + 2);
      served.feed.emit(event(4));
    }
    await expect.poll(() => told.length).toBe(21);
    expect(told).toEqual(['snapshot 0', ...Array.from({ length: 20 }, (_, n) => n + 1)]);
    expect(states.slice(0, 2)).toEqual([{ kind: 'down', why: 'it has ended' }, { kind: 'up' }]);
    expect(dialled).toHaveLength(6);
    expect(await link.run('status', {})).toEqual({ did: 'status' });
  });

  test('takes a new snapshot when too much was missed', async () => {
    const served = await serve({ capacity: 4 });
    const { told, states, cut } = await open(served);
    cut();
    for (let n = 0; n < 9; n += 1) served.feed.emit(event(n));
    await expect.poll(() => states.at(-1)?.kind).toBe('up');
    served.feed.emit(event(9));
    await expect.poll(() => told).toEqual(['snapshot 0', 'snapshot 9', 10]);
  });

  test('refuses commands while it is down, and wipes their secret', async () => {
    const served = await serve();
    let wake = (): void => undefined;
    const back = new Promise<void>((resolve) => (wake = resolve));
    const { link, states, cut } = await open(served, {
      dial: async () => {
        await back;
        return connectControl(served.instance, { timeoutMs });
      },
    });
    cut();
    await expect.poll(() => states).toHaveLength(1);
    const secret = Uint8Array.of(1, 2, 3);
    await expect(link.run('status', {}, secret)).rejects.toMatchObject({ code: 'no_instance' });
    expect([...secret]).toEqual([0, 0, 0]);
    wake();
    await expect.poll(() => states.at(-1)?.kind).toBe('up');
    await link.run('status', {});
  });

  test('is over when the instance stops in order, and does not dial again', async () => {
    const served = await serve();
    const { link, dialled, states } = await open(served);
    await served.server.close();
    expect(await link.over).toEqual({ kind: 'stopped' });
    expect(dialled).toHaveLength(1);
    expect(states).toEqual([]);
  });

  test.each([
    ['nobody is there', new CcrError('no_instance', 'not running'), 4],
    ['nothing can come of it', new CcrError('failed', 'ssh wants to ask'), 1],
  ])('is given up when %s, saying why', async (_, error, wanted) => {
    const served = await serve();
    const time = heldTime();
    let tries = 0;
    const { link, cut } = await open(served, {
      dial: async () => {
        tries += 1;
        time.pass(70);
        throw error;
      },
    });
    cut();
    expect(await link.over).toMatchObject({
      kind: 'lost',
      error: { code: error.code, message: error.message },
    });
    // Of 200 ms that somebody may come within, three tries take 210.
    expect(tries).toBe(wanted);
  });

  test('is not given up over a try that took long, where the instance may be there by now', async () => {
    const served = await serve();
    const time = heldTime();
    let tries = 0;
    const { states, cut } = await open(served, {
      times: { absentMs: 100 },
      dial: async () => {
        tries += 1;
        if (tries > 1) return connectControl(served.instance, { timeoutMs });
        time.pass(150);
        throw new CcrError('no_instance', 'not running');
      },
    });
    cut();
    await expect.poll(() => states.at(-1)?.kind).toBe('up');
    expect(tries).toBe(2);
  });

  test('tries on while it is refused, and says why', async () => {
    const served = await serve();
    let tries = 0;
    const { states, cut } = await open(served, {
      times: { absentMs: 0 },
      dial: async () => {
        tries += 1;
        if (tries < 8) throw new CcrError('control_refused', `refused ${tries}`);
        return connectControl(served.instance, { timeoutMs });
      },
    });
    cut();
    await expect.poll(() => states.at(-1)?.kind).toBe('up');
    expect(states.slice(1, -1)).toEqual(
      Array.from({ length: 7 }, (_, n) => ({ kind: 'down', why: `refused ${n + 1}` })),
    );
  });

  test('closes a connection over which no answer comes, and makes it anew', async () => {
    const served = await serve();
    const first = await connectControl(served.instance, { timeoutMs });
    const noAnswer = () => Promise.reject(new CcrError('control_refused', 'it does not answer'));
    // That one comes to an end, in vain, is the client's: here it needs no time that a busy machine could take as well.
    const { states } = await open(served, { first: { ...first, run: noAnswer }, times: { beatMs: 20 } });
    await expect.poll(() => states.map(({ kind }) => kind)).toEqual(['down', 'up']);
  });

  test('rejects at once what is no state of this version, first or later', async () => {
    const served = await serve();
    await expect(open(served, { onSnapshot: () => false })).rejects.toMatchObject({
      message: /another version \(1\.0\.0\)/,
    });
    let known = true;
    const { link, cut } = await open(served, { lastSeq: () => null, onSnapshot: () => known });
    known = false;
    cut();
    expect(await link.over).toMatchObject({ kind: 'lost', error: { message: /another version/ } });
  });

  test('that was closed dials no more, tells no more and leaves no connection', async () => {
    const served = await serve();
    const { link, states, dialled, cut } = await open(served, { times: { retryMs: 50, mostMs: 50 } });
    cut();
    await dialled[0]?.closed;
    link.close();
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(states.length).toBeLessThanOrEqual(1);
    expect(dialled).toHaveLength(1);
    const late = await open(served);
    late.link.close();
    await late.dialled[0]?.closed;
  });
});

test('the time between tries doubles up to its bound, whatever the attempt', () => {
  const times = { retryMs: 100, mostMs: 30_000 };
  const doubles = fc.check(
    fc.property(fc.nat(10_000), fc.double({ min: 0, max: 1, noNaN: true }), (attempt, random) => {
      const ms = retryDelayMs(attempt, times, random);
      const middle = Math.min(30_000, 100 * 2 ** attempt);
      return ms >= 0.8 * middle - 1e-6 && ms <= 1.2 * middle + 1e-6;
    }),
  );
  expect(doubles.failed).toBe(false);
});
