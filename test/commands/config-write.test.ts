import { describe, expect, it } from 'vitest';
import { useCommandHome } from '../kit/command-home.ts';

const home = useCommandHome({ inPlace: true });

const refused = [
  [['config', 'set', 'prot', '1'], /prot; did you mean port\?/],
  [['config', 'unset', 'prot'], /prot; did you mean port\?/],
  [['config', 'set', 'port', '99999'], /^ccr-tui: port: .*99999.*; .*65535/],
  [['config', 'set', 'strategy', 'best'], /^ccr-tui: strategy: .*best.*; .*sticky/],
] as const;

describe.each(['without an instance', 'with a running instance'])('config set and unset %s', (how) => {
  const running = how.startsWith('with ');
  const start = async (): Promise<void> => {
    if (running) await home.serve();
  };

  it('stores a value by the type of its key, puts it back, and keeps the accounts that stand in the same file', async () => {
    await home.addAccount('work');
    await start();
    const set = await home.run(['config', 'set', 'drainMs', '5000']);
    expect(set).toMatchObject({ code: 0, stderr: '' });
    expect(set.stdout).toMatch(running ? /^drainMs is 5000( \(takes effect.*\))?\n$/ : /^drainMs is 5000\n$/);
    expect(JSON.parse(home.read('config.json'))).toMatchObject({ drainMs: 5000 });
    await home.run(['config', 'set', 'timeouts.connectMs', '900']);
    await home.run(['config', 'set', 'allowedHosts', 'dev.local,box.local']);
    expect((await home.run(['config', 'get', 'allowedHosts'])).stdout).toBe('dev.local,box.local\n');
    expect((await home.run(['config', 'get', 'timeouts.connectMs'])).stdout).toBe('900\n');
    const unset = await home.run(['config', 'unset', 'drainMs']);
    expect(unset.stdout).toMatch(/^drainMs is 30000/);
    expect(home.read('config.json')).not.toContain('drainMs');
    expect(await home.json(['account', 'list'])).toMatchObject([{ name: 'work' }]);
  });

  it('refuses what it does not know in one line, exit 2, and writes nothing', async () => {
    await start();
    for (const [args, what] of refused) {
      const { code, stdout, stderr } = await home.run(args);
      expect({ args, code, stdout }).toEqual({ args, code: 2, stdout: '' });
      expect(stderr).toMatch(what);
      expect(stderr).toMatch(/^ccr-tui: [^\n]+\n$/);
    }
    expect(home.snapshot()).not.toContain('config.json ');
  });
});
