import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { termsNotice } from '../source/credentials/terms-notice.ts';
import { importSourceNames } from '../source/credentials/importers/import-sources.ts';
import { createImports } from '../source/import-outside.ts';
import { programEnvironment, programFile } from './kit/program-environment.ts';
import { temporaryFolders } from './kit/temporary-folders.ts';

const temporaryFolder = temporaryFolders('import-outside');
const program = { node: process.execPath, script: programFile };
const importsIn = (home: string) =>
  createImports(programEnvironment(home, { CCR_TUI_CREDENTIAL_STORE: 'vault' }), program);

test('every source of the command is named, by a title of its own', async () => {
  const sources = await importsIn(temporaryFolder()).sources();
  expect(sources.map(({ from }) => from)).toEqual(importSourceNames);
  expect(new Set(sources.map(({ title }) => title)).size).toBe(sources.length);
});

test('a login of Claude Code is planned with the text to agree to, and refused without a yes', async () => {
  const home = temporaryFolder();
  const claudeAiOauth = {
    accessToken: 'sk-ant-oat01-ownoutside0123456789',
    refreshToken: 'sk-ant-ort01-ownoutside0123456789',
    expiresAt: 4_102_444_800_000,
    scopes: ['user:inference'],
  };
  mkdirSync(join(home, '.claude'), { mode: 0o700 });
  const file = join(home, '.claude', '.credentials.json');
  writeFileSync(file, JSON.stringify({ claudeAiOauth }), { mode: 0o600 });
  const imports = importsIn(home);
  const plan = await imports.plan('claude-code');
  const added = { name: 'claude-code', kind: 'login', action: 'add' };
  expect(plan).toMatchObject({ path: join(home, '.claude'), rows: [added], consent: termsNotice });
  expect(JSON.stringify(plan)).not.toContain('ownoutside');
  await expect(imports.carryOut('claude-code', false)).rejects.toThrow('needs your yes');
  expect((await imports.carryOut('claude-code', true)).rows).toMatchObject([added]);
  expect(await imports.plan('claude-code')).toMatchObject({ rows: [{ action: 'skip' }], consent: null });
});
