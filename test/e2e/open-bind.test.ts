import { readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import { checkServerIdentity, connect, type SecureVersion } from 'node:tls';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import { exchange } from '../kit/raw-client.ts';
import { ask, unlimited, until, useWorld, type Served } from './world.ts';
import { isLinux, needs } from '../kit/needs.ts';

const world = useWorld();
const file = (name: string): string => join(world.home, name);

/** An address of this machine that others could dial; null on one without a network. */
const outside =
  Object.values(networkInterfaces())
    .flat()
    .find((each) => each !== undefined && each.family === 'IPv4' && !each.internal)?.address ?? null;
const isReachable = needs('an address beside loopback', outside !== null);

const agents: Agent[] = [];
afterEach(() => {
  for (const agent of agents.splice(0)) agent.destroy();
});

type Asked = { path?: string; key?: string; headers?: Record<string, string>; body?: unknown };
type Answer = { status: number; error: string | null; retryAfter: number };

/** Asks over TLS, with the certificate of this home as the only one that is trusted. */
const asker = ({ port }: Pick<Served, 'port'>, host = outside ?? '127.0.0.1') => {
  const agent = new Agent({
    keepAlive: true,
    ca: readFileSync(file('tls-cert.pem')),
    // Node would look for the name of the Host header in the certificate.
    checkServerIdentity: (_, certificate) => checkServerIdentity(host, certificate),
  });
  agents.push(agent);
  return async ({ path = '/v1/models', key, headers = {}, body }: Asked = {}): Promise<Answer> => {
    const shown = { ...headers, ...(key === undefined ? {} : { authorization: `Bearer ${key}` }) };
    const method = body === undefined ? 'GET' : 'POST';
    const asked = request({ host, port, path, method, agent, headers: shown });
    asked.setHeader('content-type', 'application/json');
    asked.end(body === undefined ? undefined : JSON.stringify(body));
    const [response] = (await once(asked, 'response')) as [IncomingMessage];
    response.resume();
    await once(response, 'end');
    const error = response.headers['x-ccr-error'];
    return {
      status: response.statusCode ?? 0,
      error: typeof error === 'string' ? error : null,
      retryAfter: Number(response.headers['retry-after']),
    };
  };
};

/** As a person opens a proxy to other machines: a certificate, a key, and then the address. */
const open = async (...flags: string[]) => {
  await world.run(['tls', 'self-signed', '--host', outside ?? '']);
  const key = (await world.run(['key', 'create', 'laptop', ...flags])).stdout.trim();
  const serve = (env = {}) => world.serve(['--host', '0.0.0.0'], env);
  return { key, serve };
};

// A machine without a network has no address that others could dial.
describe.runIf(isReachable)('a proxy that was opened to other machines', () => {
  it('serves them with a key and TLS, and nobody without either', async () => {
    const upstream = await world.provider({ work: unlimited });
    await world.add('work', upstream);
    const { key, serve } = await open();
    const served = await serve();
    const answer = asker(served);
    expect(await answer({ path: '/healthz' })).toMatchObject({ status: 200 });
    expect(await answer({ key, path: '/v1/messages', body: ask('hello') })).toMatchObject({ status: 200 });
    expect(await answer()).toMatchObject({ status: 401, error: 'key_missing' });
    expect(await answer({ key: `${key.slice(0, -8)}${'A'.repeat(8)}` })).toMatchObject({ status: 401 });
    expect(await answer({ path: '/nothing' })).toMatchObject({ status: 401 });
    for (const host of ['evil.example', `${outside}`, `${outside}:1`, `0.0.0.0:${served.port}`]) {
      expect(await answer({ key, headers: { host } })).toMatchObject({ status: 421, error: 'host_refused' });
    }
    const page = { origin: `https://${outside}:${served.port}` };
    expect(await answer({ key, headers: page })).toMatchObject({ status: 403, error: 'origin_refused' });
    const plain = await exchange(
      served.port,
      `GET /healthz HTTP/1.1\r\nHost: ${outside}:${served.port}\r\n\r\n`,
    );
    expect([plain.status, plain.bytes.includes('HTTP')]).toEqual([null, false]);
    expect(upstream.requests).toHaveLength(1);
    const audit = readFileSync(file('audit.log'), 'utf8').split('\n');
    expect(audit.find((line) => line.includes('instance.started'))).toContain('"host":"0.0.0.0"');
    const [row] = await until(
      () => world.json(['history']),
      (rows) => rows.length > 0,
    );
    expect(row).toMatchObject({ client: 'laptop', clientAddress: outside, status: 200 });
  });

  it('lets a key without a limit of its own make 100 requests a minute, and says when the next may come', async () => {
    const { key, serve } = await open();
    const answer = asker(await serve());
    const statuses: number[] = [];
    for (let n = 0; n < 100; n += 1) statuses.push((await answer({ key })).status);
    expect(new Set(statuses)).toEqual(new Set([503]));
    const late = await answer({ key });
    expect(late).toMatchObject({ status: 429, error: 'key_limited' });
    expect(late.retryAfter).toBeGreaterThan(0);
    expect(late.retryAfter).toBeLessThanOrEqual(61);
  });

  it('closes on an address that is not among those it was opened for, and serves this machine', async () => {
    await world.given(['config', 'set', 'allowedAddresses', '198.51.100.0/24']);
    const { key, serve } = await open();
    const served = await serve();
    await expect(asker(served)({ key })).rejects.toThrow(/socket|ECONNRESET|EPIPE/);
    expect(await asker(served, '127.0.0.1')({ path: '/healthz' })).toMatchObject({ status: 200 });
  });

  it('whose account leads back to it by its own address answers 508 after one hop', async () => {
    // What stops the round if nothing else does.
    const { key, serve } = await open('--requests-per-minute', '50');
    const served = await serve({ NODE_EXTRA_CA_CERTS: file('tls-cert.pem') });
    const own = `https://${outside}:${served.port}`;
    const adding = ['account', 'add', 'self', '--kind', 'compatible', '--base-url', own];
    expect(await world.run(adding, `${key}\n`)).toMatchObject({ code: 0 });
    const answer = asker(served);
    expect(await answer({ key, path: '/v1/messages', body: ask('round') })).toMatchObject({ status: 508 });
    const rows = await until(
      () => world.json(['history']),
      (found) => found.length > 0,
    );
    expect(rows).toMatchObject([{ account: 'self', attempts: [{ status: 508 }] }]);
  });
});

/** The local addresses on which the process listens, as the kernel tells them. */
const listening = (pid: number): string[] => {
  const inodes = new Set(
    readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
      return /^socket:\[(\d+)\]$/.exec(linkOf(`/proc/${pid}/fd/${fd}`))?.[1] ?? [];
    }),
  );
  return ['tcp', 'tcp6'].flatMap((family) =>
    readFileSync(`/proc/net/${family}`, 'utf8')
      .split('\n')
      .map((line) => line.trim().split(/\s+/))
      .filter(([, , , state, , , , , , inode]) => state === '0A' && inodes.has(inode ?? ''))
      .map(([, local = '']) => local.split(':')[0] ?? ''),
  );
};
const linkOf = (path: string): string => {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
};

// Only Linux tells it in files.
describe.runIf(isLinux())('what is listened on', () => {
  it('is one loopback address, of all that the process does, unless another one was asked for', async () => {
    const usual = await world.serve();
    expect(listening(usual.pid)).toEqual(['0100007F']);
    usual.program.signal('SIGTERM');
    await usual.program.exit;
    writeFileSync(file('config.json'), '{"host":"127.0.0.2"}', { mode: 0o600 });
    const second = await world.serve();
    expect(listening(second.pid)).toEqual(['0200007F']);
  });
});

/** The version that both sides agreed on, or the code of why there is none. */
const versionOf = async (port: number, version: SecureVersion): Promise<string> => {
  const socket = connect({
    port,
    host: '127.0.0.1',
    ca: readFileSync(file('tls-cert.pem')),
    minVersion: version,
    maxVersion: version,
    // OpenSSL 3 has none for the old versions otherwise.
    ciphers: 'DEFAULT@SECLEVEL=0',
  });
  try {
    await once(socket, 'secureConnect');
    return socket.getProtocol() ?? '';
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : String(error);
  } finally {
    socket.destroy();
  }
};

it('speaks no TLS older than 1.2, also where Node and OpenSSL would', async () => {
  await world.run(['tls', 'self-signed']);
  const willing = '--tls-min-v1.0 --tls-cipher-list=DEFAULT@SECLEVEL=0';
  const { port } = await world.serve([], { NODE_OPTIONS: willing });
  expect(await versionOf(port, 'TLSv1.2')).toBe('TLSv1.2');
  for (const old of ['TLSv1', 'TLSv1.1'] as const) {
    expect(await versionOf(port, old)).toContain('ALERT_PROTOCOL_VERSION');
  }
});
