import { describe, expect, it } from 'vitest';
import { useCommandHome } from '../kit/command-home.ts';

const home = useCommandHome({ inPlace: true });

describe('account list', () => {
  it('says how to begin when there is no account, and prints an empty array as JSON', async () => {
    const { code, stdout, stderr } = await home.run(['account', 'list']);
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
    expect(stderr).toContain('ccr-tui account add NAME');
    expect(await home.json(['account', 'list'])).toEqual([]);
  });

  it('lists the records without an instance, and touches no file', async () => {
    await home.addAccount('work');
    await home.addAccount('home');
    const before = home.snapshot();
    const { stdout } = await home.run(['account', 'list']);
    expect(stdout).toMatch(/^ACCOUNT +KIND +STATE/);
    expect(stdout).toMatch(/^work +compatible +ready /m);
    expect(stdout).toMatch(/^home +compatible +ready /m);
    expect(home.snapshot()).toBe(before);
  });

  it('shows what the running instance knows', async () => {
    await home.addAccount('work');
    await home.serve();
    await home.run(['account', 'pause', 'work']);
    expect(await home.json(['account', 'list'])).toMatchObject([
      { name: 'work', state: 'paused', paused: true },
    ]);
  });

  it('lists the records when the lock is one that a killed instance left', async () => {
    await home.addAccount('work');
    const { program } = await home.serve();
    await program.stop();
    expect(home.read('instance.lock')).not.toBe('');
    expect(await home.json(['account', 'list'])).toMatchObject([{ name: 'work', state: 'ready' }]);
  });
});
