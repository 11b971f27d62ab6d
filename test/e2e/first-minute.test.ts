import type Anthropic from '@anthropic-ai/sdk';
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import type { Upstream } from '../../source/demo/upstream.ts';
import { holds } from '../kit/disguises.ts';
import { keys, type Pty } from '../kit/pty.ts';
import { ask, keyOf, sdkFor, unlimited, until, useWorld } from './world.ts';

const world = useWorld();
const shows =
  (text: string | RegExp) =>
  (lines: string[]): boolean =>
    lines.some((line) => (typeof text === 'string' ? line.includes(text) : text.test(line)));
/** The part of every key of the simulated provider that is secret. */
const secretPart = '0123456789abcdefghij';

/** Adds an account in the screen, as a person does: types what is short, pastes the key. */
const addInScreen = async (pty: Pty, name: string, upstream: Upstream): Promise<void> => {
  pty.send('a');
  await pty.waitFor(shows('Add an account'));
  pty.send(name + keys.tab + keys.right);
  await pty.waitFor(shows('[compatible]'));
  pty.send(keys.tab + upstream.url + keys.tab);
  await pty.waitFor(shows(upstream.url));
  pty.send(`\x1b[200~${keyOf(name)}\r\n\x1b[201~`);
  await pty.waitFor(shows(`${keyOf(name).length} characters`));
  pty.send(keys.enter);
  await pty.waitFor(shows(`${name} is added`));
  pty.send(keys.enter);
  await pty.waitFor(shows(new RegExp(`${name} +ready`)));
};

/** Moves the mark to that account and presses `p`. */
const toggle = async (pty: Pty, name: string, then: RegExp): Promise<void> => {
  const isOn = (line: string): boolean => new RegExp(`^>.*\\b${name}\\b`).test(line.trimStart());
  const lines = pty.screen.lines();
  const marked = lines.findIndex((line) => line.trimStart().startsWith('>'));
  const wanted = lines.findIndex((line) => new RegExp(`^.{0,4}\\S ${name} `).test(line));
  if (wanted !== marked) pty.send(wanted > marked ? 'j' : 'k');
  await pty.waitFor((now) => now.some(isOn));
  pty.send('p');
  await pty.waitFor((now) => now.some((line) => isOn(line) && then.test(line)));
};

const session = '6f1c2a34-0000-4000-8000-00000000abcd';

/** One more turn of the same conversation; resolves with the account that served it. */
const turn = async (client: Anthropic, text: string): Promise<string | null> => {
  const { response } = await client.messages
    .create(ask(text), { headers: { 'x-claude-code-session-id': session } })
    .withResponse();
  return response.headers.get('x-ccr-account');
};

const expectNoSecret = (pty: Pty, history: string): void => {
  expect(holds(pty.raw(), secretPart)).toBe(false);
  expect(holds(history, secretPart)).toBe(false);
  const files = readdirSync(world.home, { recursive: true, encoding: 'utf8' }).filter((name) =>
    statSync(join(world.home, name)).isFile(),
  );
  expect(files).toContain('vault');
  expect(files.filter((name) => holds(readFileSync(join(world.home, name)), secretPart))).toEqual([]);
};

it('from an empty home to accounts that stand in for each other, without leaving the screen', async () => {
  const shortMs = 5000;
  const upstream = await world.provider({
    work: unlimited,
    // Spent by one answer, and back a moment later.
    home: { kind: 'unified', quota: { '5h': 10 }, lengthMs: { '5h': shortMs } },
  });
  const screen = { notify: 'osc9' };
  writeFileSync(join(world.home, 'config.json'), JSON.stringify({ screen }), { mode: 0o600 });
  const pty = world.open(['--port', '0']);
  await pty.waitFor(shows('No account yet'));
  await addInScreen(pty, 'work', upstream);
  const [status] = await world.json<{ url: string }>(['status']);
  const client = sdkFor(status?.url ?? '');
  expect(await turn(client, 'first')).toBe('work');
  await pty.waitFor(shows(/work .*200/));

  await addInScreen(pty, 'home', upstream);
  expect(await turn(client, 'second, on the account that knows it')).toBe('work');
  await toggle(pty, 'work', /paused/);
  await until(
    () => (upstream.truth()['home']?.windows[0]?.resetsAt ?? 0) - upstream.clock.now(),
    (left) => left > shortMs * 0.7,
  );
  expect(await turn(client, 'third, elsewhere')).toBe('home');
  await pty.waitFor(shows(/work paused.*1 conversation moved to home/));

  await pty.waitFor(shows(/home +limited/));
  await toggle(pty, 'work', /ready/);
  expect(await turn(client, 'fourth, back again')).toBe('work');
  await pty.waitFor(shows(/home reached its 5h limit.*1 conversation moved to work/));

  await pty.waitFor(shows(/home +ready/));
  await pty.waitFor(shows(/home is back/));
  expect(pty.raw().toString()).toContain('\x1b]9;ccr-tui: home can serve again\x07');
  await toggle(pty, 'work', /paused/);
  expect(await turn(client, 'fifth, where the window was reset')).toBe('home');
  expect(upstream.truth()).toMatchObject({ work: { served: 3 }, home: { served: 2, refused: 0 } });

  const rows = await until(
    () => world.json<{ account: string; session: string }>(['history']),
    (seen) => seen.length === 5,
  );
  expect(rows.map(({ account }) => account)).toEqual(['work', 'work', 'home', 'work', 'home']);
  expect(new Set(rows.map((row) => row.session)).size).toBe(1);
  pty.send('q');
  expect(await pty.exit).toEqual({ code: 0, signal: 0 });
  expectNoSecret(pty, JSON.stringify(rows));
}, 40_000);

it('a key that is refused is said in the form, and no part of it was on the screen', async () => {
  const pty = world.open(['--port', '0'], { columns: 60, rows: 20 });
  await pty.waitFor(shows('No account yet'));
  pty.send('a');
  await pty.waitFor(shows('Add an account'));
  // Typed by hand, into the first field that there is.
  pty.send(`sk-ant-oat01-${secretPart}`);
  await pty.waitFor(shows(`${13 + secretPart.length} characters`));
  pty.send(keys.enter);
  await pty.waitFor(shows('token of a Claude login'));
  pty.send(keys.escape);
  await pty.waitFor(shows('No account yet'));
  expect(holds(pty.raw(), secretPart)).toBe(false);
  expect(holds(pty.raw(), secretPart.slice(0, 10))).toBe(false);
  pty.send('q');
  expect(await pty.exit).toEqual({ code: 0, signal: 0 });
});

it('a screen on an instance of another process adds an account to that one', async () => {
  const upstream = await world.provider({ work: unlimited });
  const { url } = await world.serve();
  const pty = world.open([]);
  await pty.waitFor(shows('No account yet'));
  await addInScreen(pty, 'work', upstream);
  expect(await turn(sdkFor(url), 'first')).toBe('work');
  pty.send('a');
  await pty.waitFor(shows('Add an account'));
  // What the instance refuses comes back to the field that it is about, through the socket.
  pty.send(`b@d/${keys.tab}${keys.right}${keys.tab}https://u:p@relay.example${keys.tab}any${keys.enter}`);
  await pty.waitFor(shows('is not an account name'));
  pty.send(`\x15fine${keys.enter}${keys.enter}${keys.enter}${keys.enter}`);
  await pty.waitFor(shows('holds a user name or password'));
  pty.send(keys.escape);
  await pty.waitFor(shows(/work +ready/));
  pty.send('q');
  expect(await pty.exit).toEqual({ code: 0, signal: 0 });
  expectNoSecret(pty, '');
});

/** What the program has put into the clipboard of the terminal (OSC 52), oldest first. */
const clipboard = (pty: Pty): string[] =>
  Array.from(
    pty
      .raw()
      .toString('latin1')
      .matchAll(/\x1b\]52;c;([^\x07]*)\x07/g),
    ([, copied = '']) => Buffer.from(copied, 'base64').toString(),
  );

/** What a shell prints that knows nothing of the program and is given these lines, one by one. */
const inShell = async (lines: string): Promise<string> => {
  const shell = promisify(execFile)('sh', ['-i'], { env: { PATH: '/usr/bin:/bin', HOME: world.home } });
  shell.child.stdin?.end(lines);
  return (await shell).stdout;
};

it('copies to the clipboard of the terminal what works in another shell as it stands', async () => {
  const pty = world.open(['--port', '0']);
  await pty.waitFor(shows('No account yet'));
  pty.send('c');
  await pty.waitFor(shows('ccr-tui run -- claude'));
  // No shell finds the program of this checkout by its name: the page says how to make it a command.
  await pty.waitFor(shows(/^ {3}No ccr-tui on your PATH/));
  pty.send('jyjyjy');
  await pty.waitFor(shows('copied, if your terminal allows it'));
  const [alias = '', run, exports = ''] = clipboard(pty);
  expect(run).toBe('ccr-tui run -- claude');
  const show = `sh -c 'echo "$ANTHROPIC_BASE_URL $ANTHROPIC_AUTH_TOKEN"'\n`;
  const [status] = await world.json<{ url: string }>(['status']);
  const [address = '', key] = (await inShell(`${alias}\nccr-tui run -- ${show}`)).split(' ');
  expect(address).toBe(status?.url);
  expect(key).toMatch(/^ccr_[\w-]{43}\n$/);
  expect(await inShell(`${exports}\n${show}`)).toBe(`${address} ccr-tui\n`);
  pty.send(keys.escape);
  await pty.waitFor(shows('No account yet'));
});

/** A store of another tool: a login, which asks nobody anywhere, and a key for the simulated provider. */
const otherTool = (upstream: Upstream): void => {
  const login = {
    name: 'ann',
    type: 'oauth',
    accessToken: `sk-ant-oat01-${secretPart}`,
    refreshToken: `sk-ant-ort01-${secretPart}`,
    expiresAt: 4_102_444_800_000,
  };
  const keyed = { name: 'work', type: 'apikey', apiKey: keyOf('work'), upstream: upstream.url };
  mkdirSync(join(world.home, '.config'), { mode: 0o700 });
  const store = join(world.home, '.config', 'teamclaude.json');
  writeFileSync(store, JSON.stringify({ accounts: [login, keyed] }), { mode: 0o600 });
  const nowhere = 'http://127.0.0.1:9/';
  const oauth = { tokenUrl: nowhere, usageUrl: nowhere, profileUrl: nowhere };
  writeFileSync(join(world.home, 'config.json'), JSON.stringify({ usagePollMs: 0, oauth }), { mode: 0o600 });
};

const auditLines = (): { via: string; event: string; by?: string }[] =>
  readFileSync(join(world.home, 'audit.log'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { via: string; event: string });

it('takes accounts over, connects Claude Code and makes a client key, without leaving the screen', async () => {
  const upstream = await world.provider({ work: unlimited });
  otherTool(upstream);
  const pty = world.open(['--port', '0']);
  await pty.waitFor(shows(/I +import accounts/));
  pty.send('I');
  await pty.waitFor(shows('ccr-tui import teamclaude'));
  pty.send(`G${keys.enter}`);
  await pty.waitFor(shows('work (compatible) will be added'));
  pty.send('y');
  // A login is not taken over before its notice was read.
  await pty.waitFor(shows('Claude logins'));
  expect(readFileSync(join(world.home, 'config.json'), 'utf8')).not.toContain('ann');
  pty.send('y');
  await pty.waitFor(shows('work (compatible) added'));
  pty.send(keys.enter);
  await pty.waitFor(shows(/ann +ready/));

  pty.send(`c${keys.enter}`);
  await pty.waitFor(shows('A new file would be written'));
  const settings = join(world.home, '.claude', 'settings.json');
  expect(existsSync(settings)).toBe(false);
  pty.send('y');
  await pty.waitFor(shows('Claude Code is connected to'));
  const { env } = JSON.parse(readFileSync(settings, 'utf8')) as { env: Record<string, string> };
  const { ANTHROPIC_BASE_URL: url = '', ANTHROPIC_AUTH_TOKEN: connected = '' } = env;
  expect(await turn(sdkFor(url, { authToken: connected }), 'from Claude Code')).toBe('work');

  pty.send(`${keys.enter}K`);
  await pty.waitFor(shows(/claude-code +valid/));
  pty.send(`alaptop${keys.enter}`);
  const lines = await pty.waitFor(shows(/ccr_[\w-]{43}/));
  const authToken = /ccr_[\w-]{43}/.exec(lines.join('\n'))?.[0] ?? '';
  pty.send('y');
  await pty.waitFor(shows('copied'));
  expect(clipboard(pty)).toEqual([authToken]);
  expect(await turn(sdkFor(url, { authToken }), 'from another program')).toBe('work');
  await expect(turn(sdkFor(url), 'without a key of ours')).rejects.toMatchObject({ status: 401 });
  pty.send(keys.escape);
  await pty.waitFor(shows(/laptop +valid/));
  pty.send('jDy');
  await pty.waitFor(shows(/laptop +revoked/));
  await expect(turn(sdkFor(url, { authToken }), 'too late')).rejects.toMatchObject({ status: 401 });
  pty.send(`${keys.escape}q`);
  expect(await pty.exit).toEqual({ code: 0, signal: 0 });

  const told = auditLines().filter(({ via, event }) => via !== 'instance' && event !== 'vault.created');
  expect(told.map(({ via, event }) => `${via} ${event}`)).toEqual([
    'screen terms.accepted',
    'screen account.added',
    'screen account.added',
    'screen key.created',
    'screen client.connected',
    'screen key.created',
    'screen key.revoked',
  ]);
  expect(told[0]).toMatchObject({ by: 'yes on the screen' });
  expect(holds(pty.raw(), secretPart)).toBe(false);
}, 40_000);
