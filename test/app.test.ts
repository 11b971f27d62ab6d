import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { ask, sdkFor, unlimited, until, useWorld } from './e2e/world.ts';
import { programEnvironment, programFile } from './kit/program-environment.ts';

const world = useWorld();

const lines = (text: string): string[] => text.split('\n').filter((line) => line !== '');
const parsed = (text: string): Record<string, unknown>[] =>
  lines(text).map((line) => JSON.parse(line) as Record<string, unknown>);

const urlIn = (line: string): string => /http:\/\/\S+/.exec(line)?.[0] ?? '';

describe('without a terminal', () => {
  it('prints a line for each finished request, and never an escape byte', async () => {
    const upstream = await world.provider({ work: unlimited });
    await world.add('work', upstream);
    const program = world.start(['--port', '0']);
    const url = urlIn(await program.waitForLine('listening on http'));
    upstream.fail({ fault: 'overloaded', times: 1 });
    await sdkFor(url)
      .messages.create(ask('busy'))
      .catch(() => undefined);
    await sdkFor(url).messages.create({ ...ask('fine'), model: 'claude-\x1b[31mred\x1b]0;t\x07' });
    await program.waitForLine(/work .*200 ok/);
    program.signal('SIGTERM');
    const { code, stdout, stderr } = await program.exit;
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const [first, ...rest] = lines(stdout);
    expect(first).toMatch(/^listening on http:\/\/127\.0\.0\.1:\d+$/);
    expect(rest.filter((line) => / work +\d/.test(line))).toHaveLength(2);
    expect(rest.at(-1)).toBe('stopped');
    expect(stdout).toMatch(/^[\n\x20-\x7e]*$/);
  });

  it('--json: listening first, a row for each request, stopped last', async () => {
    const upstream = await world.provider({ work: unlimited });
    await world.add('work', upstream);
    const program = world.start(['--port', '0', '--json']);
    const { url } = JSON.parse(await program.waitForLine('"listening"')) as { url: string };
    await sdkFor(url).messages.create(ask('one'));
    await sdkFor(url).messages.create(ask('two'));
    await until(
      () => lines(program.stdout()).length,
      (count) => count === 3,
    );
    program.signal('SIGINT');
    const { code, stdout, stderr } = await program.exit;
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const [listening, first, second, stopped, ...more] = parsed(stdout);
    expect(more).toEqual([]);
    expect(listening).toEqual({
      event: 'listening',
      url,
      home: world.home,
      pid: program.pid,
      version: expect.stringMatching(/^\d+\.\d+\.\d+/),
    });
    // The same objects that the history has.
    expect([first, second]).toEqual(await world.json(['history']));
    expect(stopped).toMatchObject({ event: 'stopped' });
  });

  it('writes down what was cut by the drain limit, before the last line', async () => {
    const upstream = await world.provider({ work: unlimited });
    await world.add('work', upstream);
    await world.given(['config', 'set', 'drainMs', '200']);
    const program = world.start(['--port', '0', '--json']);
    const { url } = JSON.parse(await program.waitForLine('"listening"')) as { url: string };
    upstream.fail({ fault: 'stall-mid-body' });
    const stream = sdkFor(url).messages.stream(ask('long'));
    const ended = stream.finalMessage().catch((error: unknown) => error);
    await new Promise<void>((resolve) => void stream.once('streamEvent', () => resolve()));
    program.signal('SIGTERM');
    const { code, stdout } = await program.exit;
    expect(code).toBe(143);
    expect(await ended).toBeInstanceOf(Error);
    const [, row, stopped] = parsed(stdout);
    expect(row).toMatchObject({ outcome: 'truncated', account: 'work' });
    expect(stopped).toMatchObject({ event: 'stopped', cut: 1 });
    expect(await world.json(['history'])).toEqual([row]);
  });

  it('ends without an error when its reader leaves', async () => {
    const upstream = await world.provider({ work: unlimited });
    await world.add('work', upstream);
    const child = spawn(process.execPath, [programFile, '--port', '0', '--json'], {
      env: programEnvironment(world.home, { ...world.env }),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    const { url } = JSON.parse(line.toString()) as { url: string };
    child.stdout.destroy();
    const closed = once(child, 'close');
    // The request that finds the reader gone still gets its answer.
    const { response } = await sdkFor(url).messages.create(ask('last')).withResponse();
    expect(response.status).toBe(200);
    expect(await closed).toEqual([0, null]);
    expect(stderr).toBe('');
  });

  it('follows the instance that runs, and ends when that does, saying so', async () => {
    const upstream = await world.provider({ work: unlimited });
    await world.add('work', upstream);
    const { url, program } = await world.serve();
    const attached = world.start(['--json']);
    expect(JSON.parse(await attached.waitForLine('"listening"'))).toMatchObject({ url, pid: program.pid });
    await sdkFor(url).messages.create(ask('seen'));
    await attached.waitForLine('"outcome":"ok"');
    program.signal('SIGTERM');
    expect(await program.exit).toMatchObject({ code: 0 });
    const { code, stdout, stderr } = await attached.exit;
    expect(code).toBe(0);
    expect(parsed(stdout).at(-1)).toMatchObject({ event: 'stopped' });
    expect(stderr).toBe('ccr-tui: the instance has stopped\n');
  });
});

describe('in a terminal', () => {
  it.each([
    ['TERM=dumb', [], { TERM: 'dumb' }],
    ['--plain', ['--plain'], {}],
    ['--json', ['--json'], {}],
  ] as const)('%s means plain lines', async (_, args, env) => {
    const pty = world.open(['--port', '0', ...args], { env });
    await pty.waitFor((seen) => seen.some((line) => line.includes('listening')));
    expect(pty.screen.alternate()).toBe(false);
    pty.send('\x03');
    expect((await pty.exit).code).toBe(0);
    expect(pty.raw().toString()).not.toMatch(/\x1b/);
    expect(pty.screen.text()).toContain('stopped');
  });
});
