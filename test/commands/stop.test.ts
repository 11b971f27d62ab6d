import { describe, expect, it } from 'vitest';
import { useCommandHome } from '../kit/command-home.ts';
import { askOnce, startEchoUpstream } from '../kit/echo-upstream.ts';

const home = useCommandHome();

describe('stop', () => {
  it('exits 4 when nothing runs', async () => {
    expect(await home.run(['stop'])).toMatchObject({ code: 4, stdout: '', stderr: 'ccr-tui: not running\n' });
  });

  it('returns when the instance has ended, and leaves the home free for the next', async () => {
    const { program, pid } = await home.serve();
    expect(await home.run(['stop'])).toMatchObject({ code: 0, stdout: 'stopped\n', stderr: '' });
    expect(() => process.kill(pid, 0)).toThrow(/ESRCH/);
    expect(await program.exit).toMatchObject({ code: 0 });
    await home.serve();
  });

  it('lets a request in flight finish first', async () => {
    const upstream = await startEchoUpstream({ hold: true });
    await home.addAccount('work', upstream.url);
    const { url, program } = await home.serve();
    const answer = askOnce(url);
    answer.catch(() => undefined);
    await upstream.held;
    const stopping = home.start(['stop']);
    await stopping.waitForLine('ccr-tui: waiting for 1 request', { from: 'stderr' });
    upstream.release();
    expect(await answer).toBe(200);
    expect(await stopping.exit).toMatchObject({ code: 0, stdout: 'stopped\n' });
    expect(await program.exit).toMatchObject({ code: 0 });
    await upstream.close();
  });
});
