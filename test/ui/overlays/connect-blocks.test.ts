import { expect, it } from 'vitest';
import { connectBlocks } from '../../../source/ui/overlays/connect-blocks.ts';

const url = 'http://127.0.0.1:4180';

it('puts what most people need first, and promises no kind of client that is not served', () => {
  const blocks = connectBlocks(url, null);
  expect(blocks[0]?.lines).toEqual(['ccr-tui run -- claude']);
  expect(connectBlocks(url, 'alias x')[0]?.lines).toEqual(['alias x']);
  expect(JSON.stringify(blocks)).not.toMatch(/openai/i);
});

it('fits into a narrow screen, except for what names a folder', () => {
  for (const { label, lines } of connectBlocks(url, null)) {
    for (const line of [label, ...lines]) expect(line.length).toBeLessThanOrEqual(57);
  }
});
