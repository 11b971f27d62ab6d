import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { keyOf, unlimited, until, useWorld } from './world.ts';

const world = useWorld();
const file = (name: string): string => join(world.home, name);
type Line = Record<string, unknown> & { event: string; via: string; pid: number };
const lines = (): Line[] =>
  readFileSync(file('audit.log'), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Line);
const told = (): string[] => lines().map(({ event, via }) => `${via} ${event}`);

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});
const portOf = async (server: Server): Promise<number> => {
  servers.push(server);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return (server.address() as AddressInfo).port;
};

const message = '{"model":"claude-haiku-5-5","max_tokens":1,"messages":[{"role":"user","content":"x"}]}';
const post = (url: string): Promise<Response> =>
  fetch(`${url}/v1/messages`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'anthropic-version': '2023-06-01' },
    body: message,
  });

describe('the audit log', () => {
  it('has every change, whoever made it and whether or not an instance runs, and no secret', async () => {
    const upstream = await world.provider({ work: unlimited, home: unlimited });
    await world.add('work', upstream);
    await world.run(['account', 'pause', 'work']);
    await world.run(['account', 'resume', 'work']);
    await world.run(['config', 'set', 'port', '4280']);
    await world.run(['config', 'unset', 'port']);
    expect(told()).toEqual([
      'cli vault.created',
      'cli account.added',
      'cli account.paused',
      'cli account.resumed',
      'cli bind.changed',
      'cli bind.changed',
    ]);
    const { program, pid, url } = await world.serve();
    await world.add('home', upstream);
    await world.run(['account', 'remove', 'work']);
    await world.run(['config', 'set', 'strategy', 'spread']);
    const settings = join(world.home, 'claude');
    await world.run(['connect', 'claude-code', '--dir', settings]);
    await world.run(['connect', 'claude-code', '--dir', settings, '--dry-run']);
    await world.run(['disconnect', 'claude-code', '--dir', settings]);
    // What fails, or only looks, is no change.
    await world.run(['account', 'remove', 'nobody']);
    await world.run(['account', 'list']);
    await world.run(['status']);
    await world.run(['stop']);
    await program.exit;
    const running = lines().slice(6);
    const wanted = [
      'instance instance.started',
      'cli account.added',
      'cli account.removed',
      'cli setting.changed',
      'cli client.connected',
      'cli client.disconnected',
      'instance instance.stopped',
    ];
    expect(
      running.map(({ event, via }) => `${via} ${event}`).filter((line) => !line.includes(' key.')),
    ).toEqual(wanted);
    expect(running[0]).toMatchObject({ pid, url });
    expect(running[1]).toMatchObject({ pid, account: 'home', baseUrl: upstream.url, store: 'vault' });
    expect(lines()[4]).toMatchObject({ setting: 'port', value: 4280 });
    expect(lines()[5]).toMatchObject({ setting: 'port', value: null });
    for (const line of lines()) expect(line['at']).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    expect(statSync(file('audit.log')).mode & 0o777).toBe(0o600);
    const text = readFileSync(file('audit.log'), 'utf8');
    expect(text).not.toContain(keyOf('work'));
    expect(text).not.toContain(keyOf('home'));
    expect(text).not.toMatch(/ccr_|sk-ant/);
  });

  it('has one line for a record, whatever a folder is called', async () => {
    const forged =
      '{"at":"2026-01-01T00:00:00.000Z","pid":1,"via":"cli","event":"key.created","key":"forged"}';
    const dir = join(world.home, `x\n${forged}\n\x1b]0;title\x07\u202e`);
    expect(await world.run(['connect', 'claude-code', '--dir', dir])).toMatchObject({ code: 0 });
    const line = lines().find(({ event }) => event === 'client.connected');
    expect(line?.['path']).toBe(join(dir, 'settings.json'));
    expect(lines().filter(({ key }) => key === 'forged')).toEqual([]);
    expect(readFileSync(file('audit.log'), 'utf8')).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/);
  });

  it('counts wrong keys of clients, a record a second at most, and names no key', async () => {
    const upstream = await world.provider({ work: unlimited });
    await world.add('work', upstream);
    const created = await world.run(['key', 'create', 'laptop']);
    const key = created.stdout.trim();
    expect(key).toMatch(/^ccr_/);
    const { url, program } = await world.serve();
    const ask = (token: string): Promise<number | null> =>
      fetch(`${url}/v1/models`, { headers: { authorization: `Bearer ${token}` } }).then(
        ({ status }) => status,
        () => null,
      );
    const started = performance.now();
    const wrong = await Promise.all(
      Array.from({ length: 300 }, (_, n) => ask(`${key.slice(0, -6)}MARK${n % 90}`)),
    );
    const seconds = (performance.now() - started) / 1000;
    expect(wrong.filter((status) => status !== 401 && status !== null)).toEqual([]);
    expect(await ask(key)).not.toBe(401);
    const failures = (): Line[] => lines().filter(({ event }) => event === 'auth.failed');
    // Those of the last second are written down at its end.
    await until(
      () => failures().reduce((sum, line) => sum + Number(line['count']), 0),
      (count) => count >= 300,
    );
    await program.stop();
    const failed = failures();
    expect(failed.reduce((sum, line) => sum + Number(line['count']), 0)).toBe(300);
    expect(failed.length).toBeLessThanOrEqual(seconds + 3);
    expect(failed[0]).toMatchObject({ via: 'instance', addresses: ['127.0.0.1'] });
    expect(lines().find(({ event }) => event === 'key.created')).toMatchObject({ via: 'cli', key: 'laptop' });
    const text = readFileSync(file('audit.log'), 'utf8');
    expect(text).not.toMatch(/MARK|ccr_/);
    expect(text.length).toBeLessThan(10_000);
  });

  it('that cannot be written stops nothing and is said once', async () => {
    mkdirSync(file('audit.log'));
    const upstream = await world.provider({ work: unlimited });
    const { stderr } = await world.add('work', upstream);
    expect(stderr.match(/note: /g)).toHaveLength(1);
    expect(stderr).toMatch(/^ccr-tui: note: the audit log \S+ cannot be written \(EISDIR\); [^\n]+$/m);
    const { url, program } = await world.serve();
    expect((await post(url)).status).toBe(200);
    expect(await world.run(['account', 'pause', 'work'])).toMatchObject({ code: 0, stderr: '' });
    rmSync(file('audit.log'), { recursive: true });
    await world.run(['account', 'resume', 'work']);
    expect(lines()).toMatchObject([{ event: 'audit.resumed', lost: 2 }, { event: 'account.resumed' }]);
    await program.stop();
    expect(readdirSync(world.home).filter((name) => name.startsWith('audit'))).toEqual(['audit.log']);
  });
});

describe('a stored key', () => {
  it('does not follow a base URL that was changed in the settings file', async () => {
    const upstream = await world.provider({ work: unlimited });
    await world.add('work', upstream);
    const arrived: string[] = [];
    const port = await portOf(
      createServer((request, response) => {
        arrived.push(JSON.stringify(request.rawHeaders));
        response.end('{}');
      }),
    );
    const text = readFileSync(file('config.json'), 'utf8');
    writeFileSync(file('config.json'), text.replace(upstream.url, `http://127.0.0.1:${port}`), {
      mode: 0o600,
    });
    const { url, program } = await world.serve();
    const account = await until(
      async () =>
        (await world.json<{ accounts: { state: string; reason: string }[] }>(['status']))[0]?.accounts[0],
      (view) => view?.state === 'error',
    );
    expect(account?.reason).toContain(
      `given for ${upstream.url} and is not sent to http://127.0.0.1:${port};`,
    );
    expect(account?.reason).toContain('put the base URL back, or remove the account and add it again');
    expect((await post(url)).status).toBe(503);
    expect(arrived).toEqual([]);
    await program.stop();
    // Put back, it serves again.
    writeFileSync(file('config.json'), text, { mode: 0o600 });
    const again = await world.serve();
    expect((await post(again.url)).status).toBe(200);
  });

  it('does not go to a provider whose certificate nobody vouches for, though the environment waives the check', async () => {
    const pair = ['-keyout', file('key.pem'), '-out', file('cert.pem')];
    const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
    execFileSync(
      'openssl',
      ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', ...pair, ...subject],
      {
        stdio: 'pipe',
      },
    );
    const arrived: unknown[] = [];
    const tls = { key: readFileSync(file('key.pem')), cert: readFileSync(file('cert.pem')) };
    const port = await portOf(
      createTlsServer(tls, (request, response) => {
        arrived.push(request.rawHeaders);
        response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
      }),
    );
    await world.add('work', { url: `https://localhost:${port}` });
    const env = { NODE_TLS_REJECT_UNAUTHORIZED: '0', HTTPS_PROXY: 'http://me:MARKED@127.0.0.1:9' };
    const { url, program } = await world.serve([], env);
    expect((await post(url)).status).toBe(502);
    expect(arrived).toEqual([]);
    const { stderr } = await program.stop().then(() => program.exit);
    expect(stderr.match(/warning/gi)).toHaveLength(1);
    expect(stderr).toMatch(/^ccr-tui: warning: NODE_TLS_REJECT_UNAUTHORIZED=0 is ignored: /m);
    expect(stderr).not.toContain('MARKED');
    // The same one is served once somebody vouches for it: it was the certificate, and nothing else.
    const trusted = await world.serve([], { NODE_EXTRA_CA_CERTS: file('cert.pem') });
    expect((await post(trusted.url)).status).toBe(200);
    expect(arrived).toHaveLength(1);
  });
});
