import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createConnectsClient } from '../source/connect-outside.ts';
import { programEnvironment, programFile } from './kit/program-environment.ts';
import { temporaryFolders } from './kit/temporary-folders.ts';

const temporaryFolder = temporaryFolders('connect-outside');

test('a look shows the change and makes none; then it is made', async () => {
  const home = temporaryFolder();
  mkdirSync(join(home, '.claude'));
  const settings = join(home, '.claude', 'settings.json');
  writeFileSync(settings, '{"theme":"dark"}\n');
  const env = programEnvironment(home, { CCR_TUI_CREDENTIAL_STORE: 'vault', CCR_TUI_PORT: '4999' });
  const client = createConnectsClient(env, { node: process.execPath, script: programFile });
  const planned = await client.look();
  expect(planned).toMatchObject({ path: settings, url: 'http://127.0.0.1:4999', changed: true });
  expect(planned.diff).toContain('[a new key]');
  expect(readFileSync(settings, 'utf8')).toBe('{"theme":"dark"}\n');
  expect(await client.carryOut()).toMatchObject({ changed: true, diff: null });
  expect(readFileSync(settings, 'utf8')).toMatch(/ccr_[A-Za-z0-9_-]{43}/);
  expect(await client.look()).toMatchObject({ changed: false, diff: null });
});
