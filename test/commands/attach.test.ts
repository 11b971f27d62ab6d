import { describe, expect, it } from 'vitest';
import { useCommandHome } from '../kit/command-home.ts';

const home = useCommandHome();

describe('ccr-tui attach', () => {
  it('prints lines of the instance that runs, and never starts one', async () => {
    expect(await home.run(['attach'])).toMatchObject({
      code: 4,
      stdout: '',
      stderr: 'ccr-tui: not running; start it with ccr-tui or ccr-tui serve\n',
    });
    expect(home.snapshot()).toBe('');
    const { url, pid, program } = await home.serve();
    const lines = home.start(['attach', '--json']);
    expect(JSON.parse(await lines.waitForLine('"listening"'))).toMatchObject({ url, pid, home: home.path });
    program.signal('SIGTERM');
    expect(await lines.exit).toMatchObject({ code: 0, stderr: 'ccr-tui: the instance has stopped\n' });
  });

  it.each([
    ['-oProxyCommand=x', /no target for ssh; wanted user@host/],
    ['a b', /no target for ssh/],
  ])('refuses the target %s', async (target, message) => {
    const { code, stdout, stderr } = await home.run(['attach', '--', target]);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(message);
  });

  it('refuses --remote-command without a target', async () => {
    expect(await home.run(['attach', '--remote-command', 'x'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--remote-command needs a target'),
    });
  });
});
