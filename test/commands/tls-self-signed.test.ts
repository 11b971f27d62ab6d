import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { statSync } from 'node:fs';
import { request } from 'node:https';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { useCommandHome } from '../kit/command-home.ts';

const home = useCommandHome({ inPlace: true });
const file = (name: string): string => join(home.path, name);

const statusOf = async (url: string, ca: string): Promise<number | undefined> => {
  const asked = request(`${url}/healthz`, { ca, agent: false }).end();
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  response.resume();
  return response.statusCode;
};

describe('tls self-signed', () => {
  it('stores both files for their owner alone, sets the settings, shows the fingerprint, and the port speaks TLS', async () => {
    const { code, stdout, stderr } = await home.run(['tls', 'self-signed', '--host', 'box.lan,192.168.1.20']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const made = new X509Certificate(home.read('tls-cert.pem'));
    expect(stdout).toContain(`SHA-256 ${made.fingerprint256}\n`);
    expect(stdout).toContain(`NODE_EXTRA_CA_CERTS=${file('tls-cert.pem')}`);
    expect(stdout).not.toContain('PRIVATE');
    for (const name of ['localhost', 'box.lan']) expect(made.checkHost(name)).toBe(name);
    for (const ip of ['127.0.0.1', '::1', '192.168.1.20']) expect(made.checkIP(ip)).toBe(ip);
    for (const name of ['tls-cert.pem', 'tls-key.pem']) {
      expect(statSync(file(name)).mode & 0o777).toBe(0o600);
    }
    const tls = { cert: file('tls-cert.pem'), key: file('tls-key.pem') };
    expect(JSON.parse(home.read('config.json'))).toEqual({ tls });
    const { url } = await home.serve();
    expect(url).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/);
    expect(await statusOf(url, home.read('tls-cert.pem'))).toBe(200);
    expect(await home.json(['status'])).toMatchObject({ url });
    const program = `fetch(process.env.ANTHROPIC_BASE_URL + '/healthz').then((r) => process.exit(r.ok ? 7 : 1))`;
    const trusting = { NODE_EXTRA_CA_CERTS: '' };
    const ran = await home.run(['run', '--', process.execPath, '-e', program], '', trusting);
    expect(ran.code).toBe(7);
  });

  it('again makes another pair, which a running instance takes over', async () => {
    await home.run(['tls', 'self-signed', '--days', '2']);
    const { url } = await home.serve();
    const before = home.read('tls-cert.pem');
    const again = await home.json(['tls', 'self-signed']);
    const after = home.read('tls-cert.pem');
    const { fingerprint256, validTo } = new X509Certificate(after);
    expect(again).toMatchObject({
      fingerprint: fingerprint256,
      expiresAt: new Date(validTo).toISOString(),
      restart: false,
    });
    expect(after).not.toBe(before);
    await expect.poll(() => statusOf(url, after).catch(() => null)).toBe(200);
    await expect(statusOf(url, before)).rejects.toThrow('self-signed');
  });

  it('says that a running instance without TLS needs a new start', async () => {
    const { url } = await home.serve();
    const { stdout } = await home.run(['tls', 'self-signed']);
    expect(stdout).toContain('(take effect at the next start)');
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
  });

  it.each([
    [['--days', '0'], /^ccr-tui: --days: .*; .*1 to 825\n$/],
    [['--days', '826'], /--days/],
    [['--days', '1.5'], /--days/],
    [['--host', 'a b'], /^ccr-tui: --host: .*; .*separated by commas\n$/],
    [['--host', ''], /--host/],
    [['--host', '0.0.0.0'], /--host/],
    [['--host', '../x'], /--host/],
  ] as const)('refuses %j, exit 2, and writes nothing', async (args, says) => {
    const { code, stdout, stderr } = await home.run(['tls', 'self-signed', ...args]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(says);
    expect(home.snapshot()).toBe('');
  });
});

describe('serve beyond loopback', () => {
  it('without key and TLS ends with 2 and one line that names both, before anything is made or listens', async () => {
    const { code, stdout, stderr } = await home.run(['serve', '--host', '0.0.0.0', '--port', '0']);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^ccr-tui: [^\n]*client key[^\n]*TLS[^\n]*\n$/);
    expect(home.snapshot()).toBe('');
  });

  it('with --insecure-bind listens, loudly', async () => {
    const program = home.start(['serve', '--host', '0.0.0.0', '--port', '0', '--insecure-bind', '--json']);
    const line = await program.waitForLine('"listening"');
    expect(line).toContain('http://127.0.0.1:');
    await expect.poll(() => program.stderr()).toMatch(/ccr-tui: warning: INSECURE: 0\.0\.0\.0/);
  });

  it.each([
    ['a key open to others', 0o644],
    ['no certificate at all', null],
  ] as const)('or on it, with %s, never listens in plain text: one line, exit 1', async (_, mode) => {
    await home.run(['tls', 'self-signed']);
    if (mode === null) home.write('tls-cert.pem', 'noise');
    else await import('node:fs').then(({ chmodSync }) => chmodSync(file('tls-key.pem'), mode));
    const { code, stdout, stderr } = await home.run(['serve', '--port', '0']);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^ccr-tui: tls\.(?:cert|key): [^\n]*\n$/);
  });
});
