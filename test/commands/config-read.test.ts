import { describe, expect, it } from 'vitest';
import { schema } from '../../source/config/schema.ts';
import { useCommandHome } from '../kit/command-home.ts';

const home = useCommandHome({ inPlace: true });

describe('config get', () => {
  it('prints the value alone, as config set takes it back', async () => {
    home.write('config.json', '{"allowedHosts": ["dev.local", "box.local"], "port": 4280}');
    expect((await home.run(['config', 'get', 'port'])).stdout).toBe('4280\n');
    expect((await home.run(['config', 'get', 'allowedHosts'])).stdout).toBe('dev.local,box.local\n');
    expect((await home.run(['config', 'get', 'timeouts.connectMs'])).stdout).toBe('10000\n');
  });

  it('says with --json where the value comes from', async () => {
    const { stdout } = await home.run(['config', 'get', 'port', '--json'], '', { CCR_TUI_PORT: '5000' });
    expect(JSON.parse(stdout)).toEqual({ key: 'port', value: 5000, default: 4180, source: 'env' });
  });

  it('exits 2 for an unknown key, with the nearest one', async () => {
    const { code, stderr } = await home.run(['config', 'get', 'prot']);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^ccr-tui: [^\n]*prot; did you mean port\?\n$/);
  });
});

describe('config list', () => {
  it('has every setting with value, default and source', async () => {
    home.write('config.json', '{"port": 4280}');
    const entries = (await home.json(['config', 'list'])) as { key: string }[];
    expect(entries.map(({ key }) => key)).toEqual(schema.map(({ key }) => key));
    expect(entries).toContainEqual({ key: 'port', value: 4280, default: 4180, source: 'file' });
    expect(entries).toContainEqual({
      key: 'strategy',
      value: 'sticky',
      default: 'sticky',
      source: 'default',
    });
    const { stdout } = await home.run(['config', 'list']);
    expect(stdout).toMatch(/^port +4280 +file +4180$/m);
  });
});

describe('config path', () => {
  it('names the files, whether or not they exist', async () => {
    const { stdout } = await home.run(['config', 'path']);
    expect(stdout).toContain(`${home.path}/config.json\n`);
    expect(await home.json(['config', 'path'])).toMatchObject({ config: `${home.path}/config.json` });
    expect(home.snapshot()).toBe('');
  });
});

describe('config check', () => {
  it('is content with a good file and with none, and writes nothing', async () => {
    expect((await home.run(['config', 'check'])).stdout).toMatch(/config\.json: ok, 0 accounts\n$/);
    expect(home.snapshot()).toBe('');
    await home.addAccount('work');
    const before = home.snapshot();
    expect((await home.run(['config', 'check'])).stdout).toMatch(/ok, 1 account\n$/);
    const told = await home.json(['config', 'check']);
    expect(told).toEqual({ ok: true, path: expect.stringMatching(/config\.json$/), accounts: 1 });
    expect(home.snapshot()).toBe(before);
  });

  it.each([['{"port": '], ['[]'], ['\u0000\u0001'], ['{"port": 1, "port": "x"}']])(
    'exits 1 for a broken file, and keeps it: %j',
    async (text) => {
      home.write('config.json', text);
      const before = home.snapshot();
      const { code, stdout, stderr } = await home.run(['config', 'check']);
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
      expect(stderr).toMatch(/^(?:ccr-tui: config\.json: [^\n]+; [^\n]+\n)+$/);
      expect(home.snapshot()).toBe(before);
    },
  );
});
