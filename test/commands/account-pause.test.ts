import { describe, expect, it } from 'vitest';
import { useCommandHome } from '../kit/command-home.ts';

const home = useCommandHome();

const work = async (): Promise<unknown> => ((await home.json(['account', 'list'])) as unknown[])[0];

describe.each(['without an instance', 'with a running instance'])('account pause and resume %s', (how) => {
  const start = async (): Promise<void> => {
    await home.addAccount('work');
    if (how.startsWith('with ')) await home.serve();
  };

  it('pauses and resumes, kept in the record', async () => {
    await start();
    expect(await home.run(['account', 'pause', 'work'])).toMatchObject({
      code: 0,
      stdout: 'paused work\n',
      stderr: '',
    });
    expect(await work()).toMatchObject({ state: 'paused', paused: true, reason: expect.any(String) });
    expect(JSON.parse(home.read('config.json'))).toMatchObject({ accounts: [{ paused: true }] });
    expect(await home.run(['account', 'resume', 'work'])).toMatchObject({
      code: 0,
      stdout: 'resumed work\n',
    });
    expect(await work()).toMatchObject({ state: 'ready', paused: false, reason: null });
  });

  it('is the same wish twice: nothing to complain about', async () => {
    await start();
    await home.run(['account', 'pause', 'work']);
    expect((await home.run(['account', 'pause', 'work'])).code).toBe(0);
  });

  it('exits 3 for a name that does not exist', async () => {
    await start();
    const ran = await home.run(['account', 'pause', 'wrok']);
    expect(ran.code).toBe(3);
    expect(ran.stderr).toMatch(/^ccr-tui: [^\n]+did you mean work\?\n$/);
  });
});
