import { join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';
import { temporaryHome, type TemporaryHome } from './temporary-home.ts';

/**
 * Gives each test of the file it is called in a place for a file of that name, where nothing is yet, in a home of its own.
 * To be called before any `afterEach` that closes what is in it: the last one comes first, and the home goes last.
 */
export const givenFile = (name: string, begin: (file: string, home: string) => void): void => {
  let home: TemporaryHome | null = null;
  beforeEach(async () => {
    home = await temporaryHome();
    begin(join(home.path, name), home.path);
  });
  afterEach(() => home?.remove());
};
