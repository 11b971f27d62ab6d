import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

/**
 * Makes new empty folders for the tests of one file; all of them go when those are over. To be called at the top of the file.
 * `name` tells a person whose they are.
 */
export const temporaryFolders = (name: string): (() => string) => {
  const root = mkdtempSync(join(tmpdir(), `ccr-${name}-`));
  afterAll(() => rmSync(root, { recursive: true, force: true }));
  let count = 0;
  return () => {
    const folder = join(root, `${(count += 1)}`);
    mkdirSync(folder);
    return folder;
  };
};
