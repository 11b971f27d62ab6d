import { spawnSync } from 'node:child_process';
import { afterEach, expect, test } from 'vitest';
import { loadSqlite } from '../../source/shared/sqlite.ts';

const { getBuiltinModule, emitWarning } = process;
afterEach(() => {
  process.getBuiltinModule = getBuiltinModule;
  process.emitWarning = emitWarning;
});

test('the notice that Node 22 gives at loading stays away, every other warning passes', () => {
  const warnings: unknown[][] = [];
  process.emitWarning = (...args: unknown[]) => void warnings.push(args);
  const own = process.emitWarning;
  // What the module does there at its first loading.
  process.getBuiltinModule = (id: string) => {
    process.emitWarning(
      'SQLite is an experimental feature and might change at any time',
      'ExperimentalWarning',
    );
    process.emitWarning('Another feature is experimental', 'ExperimentalWarning');
    process.emitWarning('SQLite is something else', 'DeprecationWarning');
    return getBuiltinModule(id);
  };
  expect(loadSqlite().DatabaseSync).toBeTypeOf('function');
  expect(warnings).toEqual([
    ['Another feature is experimental', 'ExperimentalWarning'],
    ['SQLite is something else', 'DeprecationWarning'],
  ]);
  expect(process.emitWarning).toBe(own);
});

test('a program that uses it prints nothing', () => {
  const module = new URL('../../source/shared/sqlite.ts', import.meta.url).href;
  const code = `
    const { loadSqlite } = await import(${JSON.stringify(module)});
    new (loadSqlite().DatabaseSync)(':memory:').close();`;
  const { status, stderr } = spawnSync(
    process.execPath,
    ['--disable-warning=stripping', '--input-type=module', '-e', code],
    { encoding: 'utf8' },
  );
  expect(status).toBe(0);
  expect(stderr).not.toContain('SQLite');
});
