import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runOwn } from '../source/own-program.ts';
import { temporaryFolders } from './kit/temporary-folders.ts';

const temporaryFolder = temporaryFolders('own-program');

/** A program that is started as ours is. */
const programOf = (source: string) => {
  const script = join(temporaryFolder(), 'program.cjs');
  writeFileSync(script, source);
  return { node: process.execPath, script };
};

describe('a subcommand in a process of its own', () => {
  it('resolves with its JSON and its own words, whatever its code', async () => {
    const program = programOf(`
      console.error('ccr-tui: note: one thing\\nno words of ours\\nccr-tui: an\\x1b[2Jother');
      console.log(JSON.stringify(process.argv.slice(2)));
      process.exitCode = 1;`);
    expect(await runOwn({}, ['import', 'x'], program)).toEqual({
      printed: ['import', 'x', '--json'],
      said: ['one thing', 'an\\x1b[2Jother'],
      code: 1,
    });
  });

  it('has no terminal and no input, so it asks nobody', async () => {
    const program = programOf(`
      process.stdin.on('end', () => console.log(JSON.stringify([process.stdin.isTTY === true]))).resume();`);
    expect((await runOwn({}, [], program)).printed).toEqual([false]);
  });

  it('rejects with what it said, all of it, or that it said nothing', async () => {
    const failing = programOf(`console.error('ccr-tui: first\\nccr-tui: second'); process.exitCode = 3;`);
    await expect(runOwn({}, [], failing)).rejects.toMatchObject({
      code: 'failed',
      lines: ['first', 'second'],
    });
    const silent = programOf('process.exitCode = 1;');
    await expect(runOwn({}, ['import', 'x'], silent)).rejects.toMatchObject({
      lines: ['import x has ended without a word'],
    });
  });
});
