import { readdirSync, readFileSync, statSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { useCommandHome } from '../kit/command-home.ts';
import { startUpstream } from '../../source/demo/upstream.ts';
import { runningTime } from '../kit/running-time.ts';

const home = useCommandHome();
let ending: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ending.splice(0)) await end();
  ending = [];
});

const diskBytes = (): number =>
  readdirSync(home.path)
    // Shared memory of SQLite, of a fixed size, and no data.
    .filter((name) => !name.endsWith('-shm'))
    // SQLite's journal may go between the list and the look.
    .map((name) => statSync(join(home.path, name), { throwIfNoEntry: false })?.size ?? 0)
    .reduce((sum, size) => sum + size, 0);

/** One request on a connection of its own: the status, or null when it was closed without one. */
const ask = (url: string, key: string): Promise<number | null> =>
  new Promise((resolve) => {
    const asked = request(`${url}/v1/models`, { agent: false, headers: { 'x-api-key': key } }, (response) => {
      response.resume();
      response.once('end', () => resolve(response.statusCode ?? null));
    });
    asked.once('error', () => resolve(null));
    asked.end();
  });

describe('wrong keys by the thousand', () => {
  it('cost less than 100 KB of disk and an audit record a second, are all counted, and harm nobody else', async () => {
    const upstream = await startUpstream({
      accounts: [{ name: 'work', key: 'key-work', limits: { kind: 'none' } }],
    });
    ending.push(() => upstream.close());
    const added = ['account', 'add', 'work', '--kind', 'compatible', '--base-url', upstream.url];
    expect(await home.run(added, 'key-work\n')).toMatchObject({ code: 0 });
    const { stdout } = await home.run(['key', 'create', 'laptop']);
    const key = stdout.trim();
    const { url } = await home.serve();
    expect(await ask(url, key)).toBeLessThan(500);
    // The history, which is begun in its own time, is no cost of wrong keys.
    await expect.poll(() => home.json(['history'])).toMatchObject({ path: '/v1/models' });
    const before = diskBytes();
    const wrong = `ccr_${'A'.repeat(43)}`;
    const started = performance.now();
    const refused: Promise<number | null>[] = [];
    while (performance.now() - started < 3000 || refused.length < 400) {
      for (let n = 0; n < 100; n += 1) refused.push(ask(url, wrong));
      await Promise.allSettled(refused.slice(-80));
    }
    const statuses = await Promise.all(refused);
    const seconds = (performance.now() - started) / 1000;
    const answered = statuses.filter((status) => status !== null);
    expect(new Set(answered)).toEqual(new Set([401]));
    expect(answered.length).toBeLessThanOrEqual(20 + 5 * Math.ceil(seconds + 2));
    const records = (): { event: string; count: number }[] =>
      readFileSync(join(home.path, 'audit.log'), 'utf8')
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as { event: string; count: number })
        .filter(({ event }) => event === 'auth.failed');
    const counted = (): number => records().reduce((sum, { count }) => sum + count, 0);
    await expect.poll(counted).toBe(refused.length);
    expect(records().length).toBeLessThanOrEqual(Math.ceil(seconds) + 2);
    expect(diskBytes() - before).toBeLessThan(100_000);
    expect(refused.length).toBeGreaterThan(300);
    // In the midst of more of them a right key, from the same address, is served at once: those before it wait two seconds.
    const more = Promise.all(Array.from({ length: 200 }, () => ask(url, wrong))).then(() => 'wrong ones');
    const elapsed = runningTime();
    expect([401, null, 'wrong ones']).not.toContain(await Promise.race([ask(url, key), more]));
    expect(elapsed()).toBeLessThan(1500);
    await more;
  });
});
