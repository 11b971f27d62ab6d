import { createRequire, Module } from 'node:module';
import * as ink from 'ink';
import type exported from 'ink-table';

// ink-table 3.1.0 is CommonJS and calls require('ink'). Ink is an ES module with a top-level await in what it imports,
// which require() refuses (ERR_REQUIRE_ASYNC_MODULE). So the Ink that is already loaded is put into the cache where
// ink-table looks, only while it loads: both then use the same Ink and React.

const load = createRequire(import.meta.resolve('ink-table'));
const id = load.resolve('ink');
const facade = new Module(id);
facade.filename = id;
facade.loaded = true;
facade.exports = ink;
load.cache[id] = facade;
const { default: table } = load('ink-table') as typeof exported;
Reflect.deleteProperty(load.cache, id);

/** For small static tables: every cell is a box of its own, and a long one would wrap and break the borders. */
export const InkTable = table;
