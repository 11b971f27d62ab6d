import { execFileSync } from 'node:child_process';

/** Tests that start the real program run what the compiler made of the current source. */
export function setup(): void {
  execFileSync('npx', ['--no-install', 'tsc', '-p', 'source/tsconfig.json'], {
    cwd: new URL('../..', import.meta.url).pathname,
    stdio: 'inherit',
  });
}
