import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { schema } from '../../source/config/schema.ts';
import { loadSettings, type SettingsInput } from '../../source/config/settings.ts';
import { CcrError } from '../../source/shared/errors.ts';

const folder = mkdtempSync(join(tmpdir(), 'ccr-settings-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const config = join(folder, 'config.json');

const load = (text: string | null, more: Partial<SettingsInput> = {}) => {
  if (text === null) rmSync(config, { force: true });
  else writeFileSync(config, text);
  return loadSettings({ paths: { config }, env: {}, ...more });
};

const failure = (run: () => unknown): CcrError => {
  try {
    run();
  } catch (error) {
    if (error instanceof CcrError) return error;
  }
  throw new Error('did not fail');
};

test('without a file everything has its default, and no file appears', () => {
  const settings = load(null);
  expect(settings.config.port).toBe(4180);
  expect(settings.config.timeouts.firstByteMs).toBe(600_000);
  expect(settings.accounts).toEqual([]);
  expect(settings.entries.map(({ key }) => key)).toEqual(schema.map(({ key }) => key));
  expect(settings.entries.every(({ source, value, default: d }) => source === 'default' && value === d)).toBe(
    true,
  );
  expect(readdirSync(folder)).toEqual([]);
});

test('a flag beats the environment, which beats the file, which beats the default', () => {
  const file = '{"port": 1, "host": "127.0.0.2", "credentialStore": "vault", "strategy": "spread"}';
  const env = { CCR_TUI_PORT: '2', CCR_TUI_HOST: '127.0.0.3', CCR_TUI_CREDENTIAL_STORE: '' };
  const { entries, config: effective } = load(file, { env, flags: { port: '3', host: undefined } });
  const seen = Object.fromEntries(entries.map(({ key, value, source }) => [key, [value, source]]));
  expect(seen).toMatchObject({
    port: [3, 'flag'],
    host: ['127.0.0.3', 'env'],
    credentialStore: ['vault', 'file'],
    strategy: ['spread', 'file'],
    drainMs: [30_000, 'default'],
  });
  expect(effective).toMatchObject({ port: 3, host: '127.0.0.3', strategy: 'spread' });
});

describe('one error names every problem', () => {
  test('of file, environment and flags together', () => {
    const env = { CCR_TUI_PORT: '99999', CCR_TUI_CREDENTIAL_STORE: 'drawer' };
    const error = failure(() =>
      load('{"prot": 1, "accounts": [5]}', { env, flags: { port: 'x', host: 'y' } }),
    );
    expect(error).toMatchObject({ code: 'invalid_config', exitCode: 1 });
    expect(error.lines).toEqual([
      'config.json: prot: is not known; did you mean port?',
      'config.json: accounts[0]: 5 is not an account; remove it',
      'CCR_TUI_PORT: 99999 is out of range; use a whole number from 0 to 65535',
      '--port: "x" is not a whole number; use a whole number from 0 to 65535',
      '--host: "y" is not an IP address; use an address such as 127.0.0.1 or ::1',
      'CCR_TUI_CREDENTIAL_STORE: "drawer" is not a choice; use auto, keychain, vault, memory',
    ]);
  });

  test('a wrong flag alone is wrong usage', () => {
    expect(failure(() => load('{}', { flags: { port: 70_000 } }))).toMatchObject({
      code: 'usage',
      exitCode: 2,
    });
  });
});

test.each(['{"port": 41', '', '\uFEFF{}', '[]', '{"__proto__": {"port": 1}}'])(
  'the broken file %j is left as it is, to the byte and the time of change',
  (text) => {
    writeFileSync(config, text);
    const before = statSync(config);
    expect(failure(() => loadSettings({ paths: { config }, env: {} })).code).toBe('invalid_config');
    expect(readFileSync(config, 'utf8')).toBe(text);
    expect(statSync(config).mtimeMs).toBe(before.mtimeMs);
    expect(readdirSync(folder)).toEqual(['config.json']);
  },
);

test('an override of one key does not hide that the file is broken', () => {
  expect(failure(() => load('{"port": "a"}', { flags: { port: '5' } })).code).toBe('invalid_config');
});
