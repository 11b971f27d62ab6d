import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { carryOut } from '../../source/commands/carry-out.ts';
import { resolvePaths } from '../../source/config/paths.ts';
import { acquireInstanceLock } from '../../source/control/instance-lock.ts';
import { systemClock } from '../../source/shared/clock.ts';
import { useContextHome } from '../kit/command-context.ts';

const home = useContextHome();
const audit = (): string => join(home.path, 'audit.log');

test('what is done here is written down as an instance would, and answered as it is', async () => {
  const { context } = home.context();
  const args = { account: 'work' };
  const removed = { name: 'work', notice: null };
  expect(await carryOut(context, 'account.remove', args, async () => removed)).toBe(removed);
  const records = readFileSync(audit(), 'utf8').trimEnd().split('\n');
  expect(records.map((line): unknown => JSON.parse(line))).toMatchObject([
    { event: 'account.removed', account: 'work', via: 'cli' },
  ]);
});

test('what fails here or changes nothing leaves no record, and no copy of the secret is made for nobody', async () => {
  const { context } = home.context();
  let copies = 0;
  const secret = (): Uint8Array => {
    copies += 1;
    return new Uint8Array();
  };
  const fails = (): Promise<never> => Promise.reject(new Error('the disk is full'));
  const rotation = carryOut(context, 'key.rotate', { key: 'ci', graceMs: 0 }, fails, secret);
  await expect(rotation).rejects.toThrow('the disk is full');
  expect(await carryOut(context, 'key.list', {}, async () => [])).toEqual([]);
  expect([copies, existsSync(audit())]).toEqual([0, false]);
});

test('what comes while an instance starts waits for it, and is done here when that start failed', async () => {
  const { context } = home.context();
  const { instanceLock } = resolvePaths(context.env);
  const options = { lockFile: instanceLock, version: '1.0.0', now: systemClock.now(), pid: process.pid };
  const lock = await acquireInstanceLock(options);
  const order: string[] = [];
  const done = carryOut(context, 'key.list', {}, async () => {
    order.push('here');
    return [];
  });
  await sleep(200);
  order.push('released');
  lock.release();
  await done;
  expect(order).toEqual(['released', 'here']);
});
