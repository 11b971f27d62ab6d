import { describe, expect, it } from 'vitest';
import { useCommandHome } from '../kit/command-home.ts';

const home = useCommandHome();

const names = async (): Promise<string[]> =>
  ((await home.json(['account', 'list'])) as { name: string }[]).map(({ name }) => name);

describe.each(['without an instance', 'with a running instance'])('account remove %s', (how) => {
  const start = async (): Promise<void> => {
    await home.addAccount('work');
    await home.addAccount('home');
    if (how.startsWith('with ')) await home.serve();
  };

  it('removes the record, and the secret from its store; its name is free for another account; exits 3 for one that does not exist', async () => {
    await start();
    const full = home.read('vault').length;
    const ran = await home.run(['account', 'remove', 'work']);
    expect(ran).toMatchObject({ code: 0, stdout: 'removed work\n', stderr: '' });
    expect(await names()).toEqual(['home']);
    expect(home.read('config.json')).not.toContain('work');
    expect(home.read('vault').length).toBeLessThan(full);
    expect((await home.addAccount('work')).code).toBe(0);
    expect((await names()).sort()).toEqual(['home', 'work']);

    const before = home.read('config.json');
    const missing = await home.run(['account', 'remove', 'wrok']);
    expect(missing).toMatchObject({ code: 3, stdout: '' });
    expect(missing.stderr).toMatch(/^ccr-tui: there is no account wrok; did you mean work\?\n$/);
    expect(home.read('config.json')).toBe(before);
  });
});
