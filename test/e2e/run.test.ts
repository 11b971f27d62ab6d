import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { programEnvironment, programFile } from '../kit/program-environment.ts';
import { keyOf, unlimited, until, useWorld } from './world.ts';

const world = useWorld();
const node = process.execPath;

/** Writes a script into the home and returns its path. */
const script = (name: string, text: string): string => {
  const file = join(world.home, name);
  writeFileSync(file, text);
  return file;
};

describe('run -- node script', () => {
  it('lets a program that knows nothing of the proxy work through it', async () => {
    const upstream = await world.provider({ work: unlimited });
    await world.add('work', upstream);
    const { url } = await world.serve();
    const sdk = createRequire(import.meta.url).resolve('@anthropic-ai/sdk');
    const file = script(
      'ask.cjs',
      `const { Anthropic } = require(${JSON.stringify(sdk)});
       new Anthropic().messages
         .create({ model: 'claude-haiku-5-5', max_tokens: 50, messages: [{ role: 'user', content: 'hi' }] })
         .then(({ role }) => console.log(process.env.ANTHROPIC_BASE_URL, role));`,
    );
    const ran = await world.run(['run', '--', node, file], '', { ANTHROPIC_API_KEY: 'sk-ant-of-the-shell' });
    expect(ran).toMatchObject({ code: 0, stdout: `${url} assistant\n`, stderr: '' });
    const [arrival] = upstream.requests;
    expect(arrival?.account).toBe('work');
    expect(arrival?.rawHeaders.join('\n')).toContain(keyOf('work'));
    expect(arrival?.rawHeaders.join('\n')).not.toContain('sk-ant-of-the-shell');
  });

  it('passes stdin, stdout and stderr through untouched', async () => {
    await world.serve();
    const file = script('pipe.cjs', 'process.stdin.pipe(process.stdout); console.error("to stderr");');
    expect(await world.run(['run', '--', node, file], 'through\n')).toMatchObject({
      code: 0,
      stdout: 'through\n',
      stderr: 'to stderr\n',
    });
  });

  it.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)(
    'passes %s on, and ends with what the program makes of it',
    async (signal) => {
      await world.serve();
      const file = script(
        'wait.cjs',
        `process.on('${signal}', () => { console.log('heard'); process.exit(7); });
         setInterval(() => {}, 1000); console.log('waiting');`,
      );
      const running = world.start(['run', '--', node, file]);
      await running.waitForLine('waiting');
      running.signal(signal);
      expect(await running.exit).toMatchObject({ code: 7, stdout: 'waiting\nheard\n' });
    },
  );

  it('ends as a shell says it when a signal ended the program', async () => {
    await world.serve();
    const file = script('die.cjs', `process.kill(process.pid, 'SIGTERM'); setInterval(() => {}, 1000);`);
    const { code, signal } = await world.run(['run', '--', node, file]);
    expect(signal === 'SIGTERM' ? 143 : code).toBe(143);
  });

  it('in a terminal, Ctrl-C reaches the program once and it decides', async () => {
    await world.serve();
    const file = script(
      'once.cjs',
      `let heard = 0; process.on('SIGINT', () => { heard += 1; setTimeout(() => {
         console.log('heard ' + heard); process.exit(9); }, 200); });
       setInterval(() => {}, 1000); console.log('waiting');`,
    );
    const shell = world.open(
      ['-c', `'${node}' '${programFile}' run -- '${node}' '${file}'; echo "left $?"`],
      {
        command: '/bin/sh',
      },
    );
    await shell.waitFor((lines) => lines.includes('waiting'));
    shell.send('\x03');
    await shell.exit;
    expect(shell.screen.text()).toMatch(/heard 1/);
  });

  it('nothing running: 4, and nothing is started', async () => {
    const file = script('never.cjs', `console.log('started')`);
    expect(await world.run(['run', '--', node, file])).toMatchObject({ code: 4, stdout: '' });
    const { pid } = await world.serve();
    process.kill(pid, 'SIGKILL');
    await until(
      () => world.run(['run', '--', node, file]),
      ({ code }) => code === 4,
    );
    expect(programEnvironment(world.home)['CCR_TUI_HOME']).toBe(world.home);
  });
});
