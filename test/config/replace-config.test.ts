import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { resolvePaths, type Paths } from '../../source/config/paths.ts';
import { configText, replaceConfig, settingsFromText } from '../../source/config/replace-config.ts';
import { loadSettings } from '../../source/config/settings.ts';

const root = mkdtempSync(join(tmpdir(), 'ccr-replace-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

let home = '';
let paths: Paths;
beforeEach(() => {
  home = mkdtempSync(join(root, 'home-'));
  paths = resolvePaths({ CCR_TUI_HOME: home });
});
const nobody = { accounts: [], clientKeys: [] };

describe('another config.json', () => {
  test('takes the place of the one that is there, which is kept beside it, both private', async () => {
    writeFileSync(paths.config, '{"port": 1}', { mode: 0o600 });
    await replaceConfig(paths, '{"port": 4181, "accounts": [1, 2]}', nobody);
    expect(loadSettings({ paths, env: {} })).toMatchObject({ config: { port: 4181 }, ...nobody });
    expect(readdirSync(home).toSorted()).toEqual(['config.json', 'config.json.before-restore']);
    expect(readFileSync(`${paths.config}.before-restore`, 'utf8')).toBe('{"port": 1}');
    for (const name of readdirSync(home)) expect(statSync(join(home, name)).mode & 0o777).toBe(0o600);
  });

  test('is not written through a link', async () => {
    const elsewhere = join(home, 'elsewhere');
    writeFileSync(elsewhere, '{}');
    symlinkSync(elsewhere, paths.config);
    await expect(replaceConfig(paths, '{"port": 4181}', nobody)).rejects.toThrow('is a symbolic link');
    expect(readFileSync(elsewhere, 'utf8')).toBe('{}');
  });
});

describe('a text that may become config.json', () => {
  test('is read as that, with the environment over it, and leaves no trace', () => {
    const { config } = settingsFromText(paths, '{"port": 4181}', { CCR_TUI_HOST: '127.0.0.2' });
    expect(config).toMatchObject({ port: 4181, host: '127.0.0.2' });
    const refused = { problems: [expect.stringMatching(/^config\.json: prot: /)] };
    expect(() => settingsFromText(paths, '{"prot": 1}', {})).toThrow(expect.objectContaining(refused));
    expect(readdirSync(home)).toEqual([]);
  });

  test('is that of the file that is there, else an empty one', () => {
    expect(configText(paths)).toBe('{}');
    writeFileSync(paths.config, '{"port": 7}');
    expect(configText(paths)).toBe('{"port": 7}');
  });
});
