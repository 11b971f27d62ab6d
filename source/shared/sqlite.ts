import type * as Sqlite from 'node:sqlite';

/**
 * The built-in SQLite, loaded when it is first needed. Node 22 announces it as experimental on every start of a
 * thread (24 and later do not): that one warning is kept from the terminal, any other passes.
 */
export const loadSqlite = (): typeof Sqlite => {
  const emit = process.emitWarning;
  process.emitWarning = (...args: unknown[]): void => {
    if (!isSqliteNotice(args)) Reflect.apply(emit, process, args);
  };
  try {
    return process.getBuiltinModule('node:sqlite');
  } finally {
    process.emitWarning = emit;
  }
};

const isSqliteNotice = ([warning, type]: unknown[]): boolean =>
  type === 'ExperimentalWarning' && typeof warning === 'string' && warning.startsWith('SQLite ');
