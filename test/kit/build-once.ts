import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Tests that start the real program run what the compiler made of the current source. What they do in their own process
 * has an empty folder for the person's: no mistake of a test may reach the real one.
 */
export function setup(): () => void {
  execFileSync('npx', ['--no-install', 'tsc', '-p', 'source/tsconfig.json'], {
    cwd: new URL('../..', import.meta.url).pathname,
    stdio: 'inherit',
  });
  const home = mkdtempSync(join(tmpdir(), 'ccr-person-'));
  process.env['HOME'] = home;
  return () => rmSync(home, { recursive: true, force: true });
}
