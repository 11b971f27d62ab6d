import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { holds } from '../kit/disguises.ts';
import { startOauthMock } from '../kit/oauth-mock.ts';
import { startRawUpstream } from '../kit/raw-upstream.ts';
import { until, useWorld } from './world.ts';

const world = useWorld();
/** Stands in every token of this login, and in nothing else. */
const marker = 'MARKEDLOGIN-';
const claudeCode = 'claude-cli/2.1.330 (external, cli)';

const filesWithMarker = (): string[] =>
  readdirSync(world.home, { recursive: true, encoding: 'utf8' })
    .filter((name) => statSync(join(world.home, name)).isFile())
    .filter((name) => holds(readFileSync(join(world.home, name)), marker) || name.includes(marker));

/** A provider that says back what it was sent, and takes the newest token of a login alone. */
const startProvider = async (isNewest: (token: string) => boolean) => {
  const upstream = await startRawUpstream(async (connection) => {
    for (;;) {
      const message = await connection.message(60_000).catch(() => null);
      if (message === null) return;
      const shown = message.header('authorization') ?? '';
      const status = isNewest(shown.replace(/^Bearer /, '')) ? 200 : 401;
      const error = { type: 'authentication_error', message: `bad token ${shown}` };
      const body = JSON.stringify(status === 200 ? { echo: shown } : { type: 'error', error });
      await connection.send(
        `HTTP/1.1 ${status} Word\r\nrequest-id: req_${shown.slice(7)}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
      );
    }
  });
  onTestFinished(() => upstream.close());
  return upstream;
};

it('a login is renewed by the running program, and its tokens stand nowhere but in the vault and in what goes to the provider', async () => {
  const oauth = await startOauthMock();
  onTestFinished(() => oauth.close());
  const provider = await startProvider((token) => oauth.isNewest(token));
  const grant = oauth.issue(marker.slice(0, -1));
  await world.given(['config', 'set', 'oauth.tokenUrl', oauth.tokenUrl]);
  const login = JSON.stringify({ ...grant, expiresAt: Date.now() - 1000 });
  const add = ['account', 'add', 'plan', '--kind', 'login', '--base-url', provider.url, '--accept-terms'];
  const added = await world.run([...add, '--json', '--debug'], `${login}\n`);
  expect(added.code).toBe(0);

  // The first try fails, in words that repeat the token; the one after it is a good one.
  const echo = { error: 'server_error', error_description: `no such token ${grant.refreshToken}` };
  oauth.fail({ status: 500, body: JSON.stringify(echo) });
  const pty = world.open(['--port', '0', '--debug'], { env: { CCR_TUI_LOG: 'debug' } });
  type Seen = { url: string | null; accounts: { state: string; tokenExpiresAt: string | null }[] };
  const look = async (test: (seen: Seen) => boolean): Promise<Seen> => {
    const [seen] = await until(
      () => world.json<Seen>(['status']),
      ([status]) => status !== undefined && test(status),
      15_000,
    );
    if (seen === undefined) throw new Error('no status');
    return seen;
  };
  const { url, accounts } = await look(
    ({ accounts: [plan] }) => plan?.state === 'ready' && Date.parse(plan.tokenExpiresAt ?? '') > Date.now(),
  );
  expect(Date.parse(accounts[0]?.tokenExpiresAt ?? '') - Date.now()).toBeGreaterThan(7 * 3_600_000);
  const ask = () =>
    fetch(`${url ?? ''}/v1/messages`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'user-agent': claudeCode },
      body: '{"model":"claude-haiku-5-5","max_tokens":9,"messages":[]}',
    }).then((answer) => answer.text());
  expect(await ask()).toContain(`Bearer sk-ant-oat01-${marker}`);
  await pty.waitFor((lines) => lines.some((line) => / 200 /.test(line)));

  // Ended at the provider, and for good: what the clients and the person get has words, and no token.
  oauth.revoke(oauth.calls.at(-1)?.token ?? '');
  oauth.grantsNothing = true;
  expect(holds(await ask(), marker)).toBe(false);
  await look(({ accounts: [plan] }) => plan?.state !== 'ready');

  const commands = [
    ['status', '--json', '--debug'],
    ['account', 'list'],
    ['account', 'show', 'plan'],
    ['history', '--json', '--debug'],
    ['config', 'list', '--json'],
  ];
  const looks = await Promise.all(commands.map((args) => world.run(args)));
  for (const { stdout, stderr } of [added, ...looks]) expect(holds(stdout + stderr, marker)).toBe(false);
  expect(looks[0]?.stdout).toContain('refused it (401)');
  pty.send('q');
  await pty.exit;
  expect(holds(pty.raw(), marker)).toBe(false);
  expect(filesWithMarker()).toEqual([]);
  const audit = readFileSync(join(world.home, 'audit.log'), 'utf8');
  expect(audit).toContain('"event":"token.refreshed"');
  expect(audit).toContain('"event":"token.refreshFailed"');
}, 60_000);
