import { createRequire } from 'node:module';
import { renderToString } from 'ink';
import { createElement } from 'react';
import { describe, expect, it } from 'vitest';
import { InkTable } from '../../../source/ui/widgets/ink-table.ts';

describe('InkTable', () => {
  it('draws with the Ink that is already loaded', () => {
    const table = createElement(InkTable<{ keys: string; does: string }>, {
      data: [{ keys: 'p', does: 'pause' }],
    });
    expect(renderToString(table, { columns: 40 })).toBe(
      [
        '┌──────┬───────┐',
        '│ keys │ does  │',
        '├──────┼───────┤',
        '│ p    │ pause │',
        '└──────┴───────┘',
      ].join('\n'),
    );
  });

  it('leaves nothing in the module cache', () => {
    const load = createRequire(createRequire(import.meta.url).resolve('ink-table'));
    expect(Object.keys(load.cache).filter((file) => /node_modules.ink.build/.test(file))).toEqual([]);
  });
});
