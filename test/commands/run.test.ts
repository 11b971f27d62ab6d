import { describe, expect, it } from 'vitest';
import { useCommandHome } from '../kit/command-home.ts';

const home = useCommandHome();
const print = 'process.stdout.write(JSON.stringify([process.env, process.argv.slice(1)]))';

describe('run', () => {
  it('exits 4 when nothing runs, without starting the program', async () => {
    const ran = await home.run(['run', '--', process.execPath, '-e', print]);
    expect(ran).toMatchObject({ code: 4, stdout: '' });
    expect(ran.stderr).toMatch(/^ccr-tui: not running; start [^\n]+\n$/);
  });

  it('gives the program the address of the proxy and takes the keys away', async () => {
    const { url } = await home.serve();
    const args = ['run', '--', process.execPath, '-e', print, '--', '--json', '--help'];
    const ran = await home.run(args, '', { ANTHROPIC_API_KEY: 'sk-mine', CLAUDE_CODE_OAUTH_TOKEN: 'mine' });
    expect(ran).toMatchObject({ code: 0, stderr: '' });
    const [env, argv] = JSON.parse(ran.stdout) as [Record<string, string>, string[]];
    expect(env).toMatchObject({
      ANTHROPIC_BASE_URL: url,
      OPENAI_BASE_URL: `${url}/v1`,
      ANTHROPIC_AUTH_TOKEN: expect.stringMatching(/./),
    });
    expect(env).not.toHaveProperty('ANTHROPIC_API_KEY');
    expect(env).not.toHaveProperty('CLAUDE_CODE_OAUTH_TOKEN');
    expect(argv).toEqual(['--json', '--help']);
    // Ours set for our own React: it would keep npm from installing what a project is developed with.
    expect(env).not.toHaveProperty('NODE_ENV');
  });

  it('ends with the exit code of the program, and says when there is none', async () => {
    await home.serve();
    expect((await home.run(['run', '--', 'sh', '-c', 'exit 7'])).code).toBe(7);
    const lost = await home.run(['run', '--', 'no-such-program']);
    expect(lost.code).toBe(1);
    expect(lost.stderr).toMatch(/^ccr-tui: cannot run no-such-program: [^\n]+\n$/);
  });

  it('gives the program a key that ends with it, however that comes', async () => {
    const { url } = await home.serve();
    const names = async (): Promise<string[]> =>
      ((await home.json(['key', 'list'])) as { name: string }[]).map(({ name }) => name);
    const statusWith = async (key: string): Promise<number> => {
      const headers = { 'content-type': 'application/json', 'x-api-key': key };
      return (await fetch(`${url}/v1/messages`, { method: 'POST', headers, body: '{}' })).status;
    };
    const say = 'console.log("key " + process.env.ANTHROPIC_AUTH_TOKEN);';
    const keyOf = async (wait: Promise<string>): Promise<string> => (await wait).trim().slice(4);

    const ended = await home.run(['run', '--', process.execPath, '-e', say]);
    const first = ended.stdout.trim().slice(4);
    expect(first).toMatch(/^ccr_.{43}$/);
    expect(await statusWith(first)).toBe(401);
    expect(await names()).toEqual([]);

    const stay = `${say} console.log("pid " + process.pid); setTimeout(() => process.exit(), 20_000)`;
    const killed = home.start(['run', '--', process.execPath, '-e', stay]);
    const second = await keyOf(killed.waitForLine('key '));
    const pid = Number((await killed.waitForLine('pid ')).slice(4));
    // Nobody else has to show a key because of it.
    expect(await statusWith('mine')).toBe(503);
    expect(await statusWith(second)).toBe(503);
    expect(await names()).toEqual(['node']);
    // Its program lives on, with a key that opens nothing.
    killed.signal('SIGKILL');
    await expect.poll(() => statusWith(second)).toBe(401);
    expect(await names()).toEqual([]);
    expect(process.kill(pid, 'SIGKILL')).toBe(true);
  });
});
