import { describe, expect, it, onTestFinished } from 'vitest';
import { useCommandHome } from '../kit/command-home.ts';
import { startProgram, type Program } from '../kit/program.ts';

const home = useCommandHome();
/** Leaves its stdin open, as ssh does. */
const start = (...flags: string[]): Program => {
  const program = startProgram(['control', '--stdio', ...flags], { home: home.path, input: null });
  onTestFinished(() => program.stop());
  return program;
};
const line = (message: object): string => `${JSON.stringify(message)}\n`;
const parsed = (stdout: string): unknown[] =>
  stdout
    .split('\n')
    .filter((each) => each !== '')
    .map((each) => JSON.parse(each) as unknown);

describe('ccr-tui control --stdio', () => {
  it('speaks for a client without a token, and ends with it', async () => {
    const { pid, url } = await home.serve();
    const asking = line({ hello: { protocol: 1 } }) + line({ id: 1, command: { name: 'status' } });
    const far = start();
    far.write(asking);
    await far.waitForLine('"id":1');
    far.closeInput();
    const { code, stdout, stderr } = await far.exit;
    expect([code, stderr]).toEqual([0, '']);
    expect(parsed(stdout)).toMatchObject([
      { welcome: { protocol: 1, pid, url } },
      { id: 1, result: { pid, strategy: 'sticky' } },
    ]);
    const { token } = JSON.parse(home.read('instance.lock')) as { token: string };
    expect(token).toHaveLength(64);
    expect(stdout).not.toContain(token);
  });

  it('with --read-only lets the other end change nothing', async () => {
    await home.serve();
    const far = start('--read-only');
    far.write(line({ hello: { protocol: 1, readOnly: false } }) + line({ id: 1, command: { name: 'stop' } }));
    expect(JSON.parse(await far.waitForLine('"id":1'))).toMatchObject({ error: { code: 'control_refused' } });
    expect(await home.json(['status'])).toMatchObject({ running: true });
  });

  it('says in one line that nothing runs, exit 4, and reads no input for that', async () => {
    expect(await home.run(['control', '--stdio'])).toMatchObject({
      code: 4,
      stdout: '',
      stderr: 'ccr-tui: not running; start it with ccr-tui or ccr-tui serve\n',
    });
  });

  it('refuses what is no hello, a terminal, and to be called without --stdio, exit 2', async () => {
    await home.serve();
    expect(await home.run(['control', '--stdio'], 'GET / HTTP/1.1\n')).toMatchObject({ code: 2, stdout: '' });
    expect(await home.run(['control'])).toMatchObject({ code: 2, stdout: '' });
    const terminal = home.typeInto('ccr_tui control --stdio; echo left with $?');
    await terminal.waitFor((lines) => lines.some((each) => each.includes('left with 2')));
  });

  it('passes on which protocol the other end wants: another one is told the version, and no more', async () => {
    await home.serve();
    const { code, stdout } = await home.run(['control', '--stdio'], line({ hello: { protocol: 999 } }));
    expect(code).toBe(0);
    expect(parsed(stdout)).toMatchObject([{ welcome: { protocol: 1 } }]);
  });
});
