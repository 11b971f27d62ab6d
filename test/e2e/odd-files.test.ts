import { execFileSync } from 'node:child_process';
import { lstatSync, mkdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ask, sdkFor, unlimited, until, useWorld } from './world.ts';
import { isPosix } from '../kit/needs.ts';

const world = useWorld();

/** What the program can do without. What it cannot is refused before it starts, and has tests of its own. */
const names = [
  'audit.log',
  'history.sqlite',
  'history.sqlite-wal',
  'limits.json',
  'limits.json.tmp',
  'owners.json',
  'owners.json.tmp',
  'vault.bak',
  'vault.seen',
  'emergency',
  'emergency.key',
];

// Windows has neither of them.
it.runIf(isPosix()).each(['links', 'FIFOs'])(
  '%s in the place of our files: nothing is written where they lead, and nobody waits for them',
  async (kind) => {
    const upstream = await world.provider({ work: unlimited });
    await world.add('work', upstream);
    const outside = join(world.home, 'outside');
    mkdirSync(outside);
    for (const name of names) {
      const [path, theirs] = [join(world.home, name), join(outside, name)];
      rmSync(path, { force: true });
      writeFileSync(theirs, 'theirs', { mode: 0o644 });
      if (kind === 'links') symlinkSync(theirs, path);
      else execFileSync('mkfifo', ['-m', '600', path]);
    }
    const { url, program } = await world.serve();
    await sdkFor(url).messages.create(ask('in spite of all'));
    await until(
      () => world.json<{ history: { ok: boolean; reason: string } }>(['status']),
      ([seen]) => seen?.history.ok === false,
    );
    program.signal('SIGTERM');
    expect(await program.exit).toMatchObject({ code: 0 });
    for (const name of names) {
      const theirs = join(outside, name);
      expect([name, readFileSync(theirs, 'utf8'), statSync(theirs).mode & 0o777]).toEqual([
        name,
        'theirs',
        0o644,
      ]);
    }
    expect(lstatSync(join(world.home, 'history.sqlite')).isFile()).toBe(false);
  },
);
