import { createRequire, Module } from 'node:module';
import * as ink from 'ink';
import type exported from 'ink-table';
import type { TableProps } from 'ink-table';
import { createElement, type ReactNode } from 'react';

// ink-table 3.1.0 is CommonJS and calls require('ink'). Ink is an ES module with a top-level await in what it imports,
// which require() refuses (ERR_REQUIRE_ASYNC_MODULE). So the Ink that is already loaded is put into the cache where
// ink-table looks, only while it loads: both then use the same Ink and React.

type Table = typeof exported.default;

const loadTable = (): Table => {
  const load = createRequire(import.meta.resolve('ink-table'));
  const id = load.resolve('ink');
  const facade = new Module(id);
  facade.filename = id;
  facade.loaded = true;
  facade.exports = ink;
  load.cache[id] = facade;
  const { default: loaded } = load('ink-table') as typeof exported;
  Reflect.deleteProperty(load.cache, id);
  return loaded;
};

let table: Table | null = null;

type Row = Record<string, string | number | boolean | null | undefined>;

/**
 * For small static tables: every cell is a box of its own, and a long one would wrap and break the borders. ink-table
 * loads with the first one that is drawn, which no first frame has.
 */
export const InkTable = <Entry extends Row>(
  props: Pick<TableProps<Entry>, 'data'> & Partial<TableProps<Entry>>,
): ReactNode => createElement((table ??= loadTable())<Entry>, props);
