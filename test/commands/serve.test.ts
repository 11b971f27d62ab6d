import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { asksElsewhere, listenFlags } from '../../source/commands/serve.ts';
import { useCommandHome } from '../kit/command-home.ts';

const home = useCommandHome();

describe('asksElsewhere', () => {
  it.each([
    [{}, false],
    [{ port: '4180' }, false],
    [{ port: '0' }, false],
    [{ host: 'LOCALHOST', port: '4180' }, false],
    [{ host: '127.0.0.1' }, false],
    [{ port: '4280' }, true],
    [{ host: '0.0.0.0' }, true],
    [{ host: '::1' }, true],
  ])('of the flags %j beside http://127.0.0.1:4180 is %s', (flags, elsewhere) => {
    expect(asksElsewhere(flags, 'http://127.0.0.1:4180')).toBe(elsewhere);
  });

  it('knows an IPv6 address in both spellings', () => {
    expect(asksElsewhere({ host: '::1' }, 'http://[::1]:4180')).toBe(false);
    expect(asksElsewhere({ host: '[::1]' }, 'http://[::1]:4180')).toBe(false);
  });
});

describe('serve', () => {
  it('passes on only where to listen', () => {
    expect(listenFlags({ port: '0', json: true })).toEqual({ port: '0' });
    expect(listenFlags({ host: '::1', port: '4280' })).toEqual({ host: '::1', port: '4280' });
    expect(listenFlags({})).toEqual({});
  });

  it('prints one line of JSON where it listens, when it does', async () => {
    const { url, program } = await home.serve();
    const [line = '', ...rest] = program.stdout().trimEnd().split('\n');
    expect(rest).toEqual([]);
    expect(JSON.parse(line)).toEqual({
      event: 'listening',
      url,
      home: home.path,
      pid: program.pid,
      version: expect.stringMatching(/^\d+\.\d+\.\d+/),
    });
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
  });

  it('prints a sentence without --json', async () => {
    const program = home.start(['serve', '--port', '0']);
    expect(await program.waitForLine('listening')).toMatch(/^listening on http:\/\/127\.0\.0\.1:\d+$/);
  });

  it.each(['SIGTERM', 'SIGINT'] as const)('ends with 0 on %s when nothing is in flight', async (signal) => {
    const { program } = await home.serve();
    program.signal(signal);
    expect(await program.exit).toMatchObject({ code: 0, signal: null, stderr: '' });
  });

  it('refuses a second one in the same home: one line, exit 75', async () => {
    const { pid, url } = await home.serve();
    const { code, stdout, stderr } = await home.run(['serve', '--port', '0']);
    expect({ code, stdout }).toEqual({ code: 75, stdout: '' });
    expect(stderr).toMatch(/^ccr-tui: [^\n]+\n$/);
    expect(stderr).toContain(`pid ${pid}, ${url}`);
  });

  it('is not taken for another address by a second program: it says so, exit 75, instead of attaching', async () => {
    const { url } = await home.serve();
    const { code, stdout, stderr } = await home.run(['--plain', '--host', '0.0.0.0']);
    expect({ code, stdout }).toEqual({ code: 75, stdout: '' });
    expect(stderr).toMatch(/^ccr-tui: already running at [^\n]+; leave out --port[^\n]+\n$/);
    expect(stderr).toContain(url);
  });

  it('names a port that is in use, and how to choose another', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const { code, stdout, stderr } = await home.run(['serve', '--port', String(port)]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(new RegExp(`^ccr-tui: port ${port} [^\\n]*--port[^\\n]*\\n$`));
    other.close();
  });

  it.each([
    [['serve', '--port', '80a'], /^ccr-tui: --port: .*80a.*65535\n$/],
    [['serve', '--host', 'example.com'], /^ccr-tui: --host: .*example\.com.*127\.0\.0\.1[^\n]*\n$/],
    [['serve', '--host', '0.0.0.0'], /^ccr-tui: [^\n]*0\.0\.0\.0[^\n]*client key and TLS[^\n]*\n$/],
  ] as const)('refuses %j before anything listens, exit 2', async (args, stderr) => {
    const ran = await home.run(args);
    expect(ran).toMatchObject({ code: 2, stdout: '' });
    expect(ran.stderr).toMatch(stderr);
  });
});
