import { chmodSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { inRun } from '../kit/long-run.ts';
import type { ProgramExit } from '../kit/program.ts';
import { keys, type Pty } from '../kit/pty.ts';
import { until, useWorld } from './world.ts';
import { isLinux } from '../kit/needs.ts';

// Neither a home nor a store is named to the program: it is to need none.
const world = useWorld({ CCR_TUI_HOME: undefined });

type Row = Record<string, unknown> & {
  account: string | null;
  status: number | null;
  outcome: string;
  session: string | null;
  stream: boolean;
  path: string;
  attempts: { account: string; status: number | null; verdict: string }[];
  decision: { affinity: string | null } | null;
};

const rowsOf = (stdout: string): Row[] =>
  stdout
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Row)
    .filter(({ event }) => event === undefined);

const shows =
  (pattern: RegExp) =>
  (lines: string[]): boolean =>
    lines.some((line) => pattern.test(line));

/** In the first line, where nothing scrolls it away. */
const isDemo = ([header = '']: string[]): boolean => /^ ?demo\b/.test(header);

const open = (columns = 100, rows = 30): Pty => world.open(['--demo'], { columns, rows });

/** Both ends of every TCP connection of a process, as `local remote` in hex; Linux only. */
const connectionsOf = (pid: number): string[] => {
  const inodes = new Set(
    readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
      try {
        return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1] ?? [];
      } catch {
        return [];
      }
    }),
  );
  return ['tcp', 'tcp6'].flatMap((table) =>
    readFileSync(`/proc/${pid}/net/${table}`, 'utf8')
      .split('\n')
      .slice(1)
      .map((line) => line.trim().split(/\s+/))
      .filter((fields) => inodes.has(fields[9] ?? ''))
      .map(([, local, remote]) => `${local} ${remote}`),
  );
};

/** As rows of JSON. */
const showEverything = async (): Promise<ProgramExit> => {
  const program = world.start(['--demo', '--json']);
  const has = (test: (row: Row) => boolean) => (): boolean => rowsOf(program.stdout()).some(test);
  const refused = (status: number, verdict: string) =>
    has(
      ({ outcome, account, attempts }) =>
        outcome === 'ok' &&
        attempts.some((each) => each.status === status && each.verdict === verdict) &&
        attempts.at(-1)?.account === account,
    );
  const expected = {
    'a 429 for pace, passed to another account': refused(429, 'pacing'),
    'a 529, passed to another account': refused(529, 'overloaded'),
    'a conversation that moves': has(({ decision }) => decision?.affinity === 'moved'),
    'a conversation that stays': has(({ decision }) => decision?.affinity === 'warm'),
    'a token that is refused, passed to another account': refused(401, 'unauthorized'),
    'a wait for an account that asked for a break': has(
      ({ waitMs, outcome }) => Number(waitMs) > 1000 && outcome === 'ok',
    ),
    'a stream that is cut': has(({ outcome }) => outcome === 'truncated'),
    'a client that leaves': has(({ outcome }) => outcome === 'aborted'),
    'a script without a session': has(({ session, outcome }) => session === null && outcome === 'ok'),
    'the account in reserve': has(({ account, outcome }) => account === 'relay' && outcome === 'ok'),
  };
  const missing = await until(
    () => Object.entries(expected).flatMap(([what, seen]) => (seen() ? [] : [what])),
    (left) => left.length === 0,
    32_000,
  );
  expect(missing).toEqual([]);
  // Whoever waits has an account in the end.
  const { url } = JSON.parse(program.stdout().split('\n')[0] ?? '') as { url: string };
  await until(
    async () => (await fetch(`${url}/metrics`)).text(),
    (text) => /^ccr_tui_held 0$/m.test(text),
    15_000,
  );
  program.signal('SIGTERM');
  return program.exit;
};

/** On the screen: accounts, streams that grow, a window that is spent; and it says that it is a demo. */
const runOutOfAWindow = async (): Promise<Pty> => {
  const pty = open();
  await pty.waitFor(isDemo);
  for (const name of ['work', 'home', 'lab', 'team-a', 'relay']) await pty.waitFor(shows(new RegExp(name)));
  expect(pty.screen.text()).not.toMatch(/account add/);
  await pty.waitFor(shows(/200 ok/));
  await pty.waitFor(shows(/work.*limited/), 25_000);
  expect(pty.screen.lines().every((line) => line.length <= 100)).toBe(true);
  pty.send('q');
  await pty.exit;
  return pty;
};

/** Small terminals: all of it is within them. */
const fitInto = async (columns: number, rows: number): Promise<void> => {
  const pty = open(columns, rows);
  await pty.waitFor(isDemo);
  await pty.waitFor(shows(/work/));
  await pty.waitFor(shows(/home.*\d+%/));
  expect(pty.screen.lines().every((line) => line.length <= columns)).toBe(true);
  expect(pty.screen.scrollback()).toBe(0);
  pty.send('q');
  expect((await pty.exit).code).toBe(0);
};

const pauseAndResume = async (): Promise<void> => {
  const pty = open();
  const marked = (lines: string[]): string => lines.find((line) => /^\s*[>▶]/.test(line)) ?? '';
  await pty.waitFor((lines) => marked(lines) !== '');
  pty.send('p');
  await pty.waitFor((lines) => /paused/.test(marked(lines)));
  pty.send('p');
  await pty.waitFor((lines) => !/paused/.test(marked(lines)));
  pty.send(keys.ctrlC);
  expect((await pty.exit).code).toBe(130);
};

describe('the demo', () => {
  it('shows within its first half minute all that can happen to a request, and nobody is left without an answer; it fits into 60 x 20 and 30 x 6, and p really takes an account out of service', async () => {
    // All take their time and do little in it.
    const meanwhile = (async () => {
      await fitInto(60, 20);
      await fitInto(30, 6);
      await pauseAndResume();
    })();
    const [{ code, stdout, stderr }, pty] = await Promise.all([
      showEverything(),
      runOutOfAWindow(),
      meanwhile,
    ]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const lines = stdout.trimEnd().split('\n');
    expect(JSON.parse(lines[0]!)).toMatchObject({ event: 'listening', home: null, demo: true });
    expect(JSON.parse(lines.at(-1)!)).toEqual({ event: 'stopped', cut: 0 });
    // But for one that began to wait in the moment in which the program was stopped.
    const refused = rowsOf(stdout).filter(({ outcome }) => outcome === 'rejected');
    expect(refused.filter(({ error }) => error !== 'shutting_down')).toEqual([]);
    // A Claude login is for Claude Code alone, in a demo, too.
    const others = rowsOf(stdout).filter(({ session }) => session === null);
    const asked = new Set(others.flatMap(({ attempts }) => attempts.map(({ account }) => account)));
    expect([...asked].filter((name) => ['work', 'home', 'lab'].includes(name))).toEqual([]);
    expect(await pty.exit).toEqual({ code: 0, signal: 0 });
    expect(pty.screen.alternate()).toBe(false);
  }, 50_000);

  // Takes a minute and a half; the opening above is what changes often.
  it.runIf(inRun(false, true))(
    'has the account back that was limited, within a minute and a half',
    async () => {
      const pty = open();
      await pty.waitFor(shows(/work.*limited/), 30_000);
      await pty.waitFor((lines) => shows(/work/)(lines) && !shows(/work.*limited/)(lines), 60_000);
      pty.send('q');
      expect((await pty.exit).code).toBe(0);
    },
    120_000,
  );
});

describe('the demo touches nothing', () => {
  it('of a home: it runs where nothing can be written, beside another demo, and leaves no file', async () => {
    chmodSync(world.home, 0o500);
    try {
      const [first, second] = [world.start(['--demo', '--plain']), world.start(['--demo', '--plain'])];
      const urls = await Promise.all([first, second].map((each) => each.waitForLine('listening on http')));
      expect(urls[0]).not.toBe(urls[1]);
      await Promise.all([first, second].map((each) => each.waitForLine(/200 ok/)));
      expect(first.stdout()).toContain('simulated');
      for (const each of [first, second]) each.signal('SIGINT');
      expect(await Promise.all([first.exit, second.exit])).toMatchObject([{ code: 0 }, { code: 0 }]);
    } finally {
      chmodSync(world.home, 0o700);
    }
    expect(readdirSync(world.home)).toEqual([]);
  });

  it('of an instance that runs, which does not show in it either', async () => {
    const env = { CCR_TUI_HOME: world.home, CCR_TUI_CREDENTIAL_STORE: 'vault' };
    const real = world.start(['serve', '--port', '0', '--json'], env);
    const { url } = JSON.parse(await real.waitForLine('"listening"')) as { url: string };
    const demo = world.start(['--demo', '--plain'], { ...env, CCR_TUI_PORT: new URL(url).port });
    expect(await demo.waitForLine('listening on http')).not.toContain(url);
    await demo.waitForLine(/200 ok/);
    demo.signal('SIGTERM');
    expect((await demo.exit).code).toBe(0);
    const files = readdirSync(world.home).filter((name) => !name.startsWith('history.sqlite'));
    expect(files.toSorted()).toEqual(['audit.log', 'control.sock', 'instance.lock']);
    // The start of the instance, and nothing of the demo.
    expect(readFileSync(join(world.home, 'audit.log'), 'utf8').split('\n')).toHaveLength(2);
    const { stdout } = await world.run(['status', '--json'], '', env);
    expect(JSON.parse(stdout)).toMatchObject({ url, inFlight: 0, accounts: [], totals: { requests: 0 } });
  });

  // Only Linux tells the connections of a process in a file.
  it.runIf(isLinux())('beyond this machine: every connection is to itself', async () => {
    const program = world.start(['--demo', '--json']);
    await until(
      () => rowsOf(program.stdout()).length,
      (count) => count >= 3,
      15_000,
    );
    const connections = connectionsOf(program.pid);
    expect(connections.length).toBeGreaterThan(4);
    // 127.0.0.1 as the kernel writes it; a listening socket has no other end.
    expect(connections.filter((ends) => !/^0100007F:\w+ (?:0100007F:\w+|00000000:0000)$/.test(ends))).toEqual(
      [],
    );
  });
});
