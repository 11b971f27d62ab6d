import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readCapturedIds } from '../../source/history/queries.ts';
import { asEpoch } from '../../source/shared/types.ts';
import { holds } from '../kit/disguises.ts';
import { keys } from '../kit/pty.ts';
import { ask, sdkFor, unlimited, until, useWorld } from './world.ts';

const world = useWorld();
const file = (): string => join(world.home, 'history.sqlite');
const captured = (): string[] => [...readCapturedIds(file(), asEpoch(0)).keys()];
const canaries = ['CANARYBODY', 'CANARYHEADER', 'CANARYANSWER'];

/** What a running program writes beside its place may have gone there since it was listed, where it is listed, too. */
const bytesOf = (path: string): Buffer => {
  try {
    return readFileSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return Buffer.alloc(0);
    throw error;
  }
};

/** Each file below the home in whose bytes a canary stands, as it is or in disguise. */
const filesWithCanaries = (): string[] =>
  readdirSync(world.home, { recursive: true, encoding: 'utf8' }).filter((name) => {
    const path = join(world.home, name);
    if (!statSync(path, { throwIfNoEntry: false })?.isFile()) return false;
    const bytes = bytesOf(path);
    return canaries.some((canary) => holds(bytes, canary));
  });

it('nothing captured is on the disk in plain text, whatever ends the program, and with the key it can be read', async () => {
  writeFileSync(join(world.home, 'config.json'), '{"capture":"all"}');
  const upstream = await world.provider({ work: unlimited });
  await world.add('work', upstream);
  const { url, program } = await world.serve();
  const warning =
    'ccr-tui: warning: capture is on (all): heads and bodies of all requests are kept, encrypted\n';
  await until(program.stderr, (text) => text === warning);
  const headers = { 'x-note': 'CANARYHEADER', 'x-api-key': 'shown-CANARYHEADER' };
  for (let n = 0; n < 3; n += 1) {
    await sdkFor(url).messages.create(ask(`CANARYBODY ${n}`), { headers });
  }
  await until(captured, ({ length }) => length === 3);
  // While it runs, and after it was killed: nothing in the write-ahead log either.
  expect(filesWithCanaries()).toEqual([]);
  program.signal('SIGKILL');
  await program.exit;
  expect(filesWithCanaries()).toEqual([]);
  const shown = await world.run(['history', 'show', captured()[1] ?? '']);
  expect(shown).toMatchObject({ code: 0, stderr: '' });
  expect(shown.stdout).toContain('CANARYBODY 1');
  expect(shown.stdout).toContain('x-note: CANARYHEADER');
  expect(shown.stdout).toContain('x-api-key: [secret]');
  expect(shown.stdout).not.toContain('shown-');
  expect(shown.stdout).toContain('"type":"message"');
});

it('is turned on and off beside what runs, is said by status, and goes with the history', async () => {
  const upstream = await world.provider({ work: unlimited });
  await world.add('work', upstream);
  const { url } = await world.serve();
  await sdkFor(url).messages.create(ask('before'));
  await world.given(['config', 'set', 'capture', 'all']);
  const [status] = await until(
    () => world.json(['status']),
    ([status]) => JSON.stringify(status?.['capture']) === '{"mode":"all","reason":null}',
  );
  expect(status).toMatchObject({ running: true });
  await sdkFor(url).messages.create(ask('captured'));
  await until(captured, ({ length }) => length === 1);
  await world.run(['history', 'clear', '--force']);
  expect(captured()).toEqual([]);
});

it('its heads are read on the screen, with nothing in them that is a credential', async () => {
  writeFileSync(join(world.home, 'config.json'), '{"capture":"all"}');
  const upstream = await world.provider({ work: unlimited });
  await world.add('work', upstream);
  const pty = world.open(['--port', '0'], { columns: 130, rows: 60 });
  const [status] = await until(
    () => world.json<{ url: string | null; capture: { mode: string } }>(['status']),
    ([seen]) => seen?.capture?.mode === 'all',
  );
  const headers = { 'x-note': 'CANARYHEADER', 'x-api-key': 'shown-CANARYHEADER' };
  await sdkFor(status?.url ?? '').messages.create(ask('CANARYBODY'), { headers });
  await pty.waitFor((lines) => lines.some((line) => / 200 ok /.test(line)));
  pty.send(`2${keys.enter}`);
  const lines = await pty.waitFor((shown) => shown.some((line) => /x-note +CANARYHEADER/.test(line)));
  expect(lines.some((line) => /x-api-key +\[secret\]/.test(line))).toBe(true);
  expect(lines.some((line) => /Headers of the answer, 200/.test(line))).toBe(true);
  expect(holds(pty.raw(), 'shown-')).toBe(false);
  expect(holds(pty.raw(), 'CANARYBODY')).toBe(false);
  pty.send('qq');
  await pty.exit;
});

it('stays off where no store lasts, and says why, while requests are served', async () => {
  writeFileSync(join(world.home, 'config.json'), '{"capture":"all"}');
  const { program } = await world.serve([], { CCR_TUI_CREDENTIAL_STORE: 'memory' });
  const reason = 'capture is off: no key for it: secrets are kept in memory only';
  expect(await until(program.stderr, (text) => text.includes(reason))).toContain(reason);
});
