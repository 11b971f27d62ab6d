import { readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { lock, withDatabase } from '../history/rows.ts';
import { askOnce } from '../kit/echo-upstream.ts';
import { inRun } from '../kit/long-run.ts';
import { ask, sdkFor, unlimited, until, useWorld } from './world.ts';

const world = useWorld();
const file = (): string => join(world.home, 'history.sqlite');

type Status = { history: { ok: boolean; reason: string | null } };

/**
 * As long as it was off, at most, and a little more: the pauses between its tries are doubled. What a busy machine makes of the
 * requests meanwhile is no bound.
 */
const patienceMs = 60_000;

/** What `status` says of the history, once it is on or off as wanted. */
const historyIs = async (ok: boolean): Promise<string | null> => {
  const [status] = await until(
    () => world.json<Status>(['status']),
    ([seen]) => seen?.history.ok === ok,
    patienceMs,
  );
  return status?.history.reason ?? null;
};

/** That many requests, ten at a time; the status of each that was not answered with 200. */
const failures = async (url: string, count: number): Promise<number[]> => {
  const failed: number[] = [];
  for (let n = 0; n < count; n += 10) {
    const statuses = await Promise.all(Array.from({ length: 10 }, () => askOnce(url)));
    failed.push(...statuses.filter((status) => status !== 200));
  }
  return failed;
};

it(
  'locked by another program, then damaged: not one request fails, the screen says that it is off, and it comes back',
  { timeout: 180_000 },
  async () => {
    const upstream = await world.provider({ work: unlimited });
    await world.add('work', upstream);
    const { url, program } = await world.serve();
    const screen = world.open([]);
    await sdkFor(url).messages.create(ask('first'));
    await until(
      () => world.json(['history']),
      (rows) => rows.length === 1,
    );
    const each = inRun(50, 500);

    const unlock = lock(file());
    expect(await failures(url, each)).toEqual([]);
    await screen.waitFor((lines) => lines[0]?.includes('history off') === true);
    expect(await historyIs(false)).toBe('history.sqlite: another program has locked it');
    unlock();
    expect(await historyIs(true)).toBeNull();
    await until(
      () => world.json(['history']),
      (rows) => rows.length === each + 1,
    );
    await screen.waitFor((lines) => lines[0]?.includes('history off') === false);

    withDatabase(file(), (database) => database.exec('pragma wal_checkpoint(truncate)'));
    // Whoever writes into it from outside, or a disk that loses a sector.
    writeFileSync(file(), Buffer.alloc(statSync(file()).size, 0xee));
    expect(await failures(url, each)).toEqual([]);
    await until(
      () => readdirSync(world.home),
      (names) => names.some((name) => name.includes('.broken-')),
      patienceMs,
    );
    await historyIs(true);
    program.signal('SIGTERM');
    expect(await program.exit).toMatchObject({ code: 0 });
    expect((await world.json(['history'])).length).toBeGreaterThan(0);
  },
);
