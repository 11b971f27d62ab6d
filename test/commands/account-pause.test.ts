import { describe, expect, it } from 'vitest';
import { useCommandHome } from '../kit/command-home.ts';

const home = useCommandHome({ inPlace: true });

const work = async (): Promise<unknown> => ((await home.json(['account', 'list'])) as unknown[])[0];

describe.each(['without an instance', 'with a running instance'])('account pause and resume %s', (how) => {
  const start = async (): Promise<void> => {
    await home.addAccount('work');
    if (how.startsWith('with ')) await home.serve();
  };

  it('pauses and resumes, kept in the record; the same wish twice is nothing to complain about', async () => {
    await start();
    expect(await home.run(['account', 'pause', 'work'])).toMatchObject({
      code: 0,
      stdout: 'paused work\n',
      stderr: '',
    });
    expect(await work()).toMatchObject({ state: 'paused', paused: true, reason: expect.any(String) });
    expect(JSON.parse(home.read('config.json'))).toMatchObject({ accounts: [{ paused: true }] });
    expect((await home.run(['account', 'pause', 'work'])).code).toBe(0);
    expect(await home.run(['account', 'resume', 'work'])).toMatchObject({
      code: 0,
      stdout: 'resumed work\n',
    });
    expect(await work()).toMatchObject({ state: 'ready', paused: false, reason: null });
  });

  it('does the same with all of them, and tells which; exits 3 for a name that does not exist', async () => {
    await home.addAccount('other');
    await start();
    await home.run(['account', 'pause', 'other']);
    expect((await home.run(['account', 'pause', '--all'])).stdout).toBe('paused work\n');
    expect((await home.run(['account', 'pause', '--all'])).stdout).toBe('no account had to be paused\n');
    expect((await home.run(['account', 'resume', '--all'])).stdout).toBe('resumed other\nresumed work\n');
    expect(JSON.parse(home.read('config.json'))).toMatchObject({
      accounts: [{ paused: false }, { paused: false }],
    });
    const ran = await home.run(['account', 'pause', 'wrok']);
    expect(ran.code).toBe(3);
    expect(ran.stderr).toMatch(/^ccr-tui: [^\n]+did you mean work\?\n$/);
  });
});

it.each([
  ['account', 'pause'],
  ['account', 'resume', 'work', '--all'],
])('%s %s without a clear wish exits 2', async (...line) => {
  expect(await home.run(line)).toMatchObject({ code: 2, stderr: expect.stringContaining('NAME, or --all') });
});
