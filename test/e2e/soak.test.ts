import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { inRun } from '../kit/long-run.ts';

const soak = new URL('../benchmark/soak.ts', import.meta.url).pathname;

// Too long for every run, and by /proc.
describe.runIf(inRun(false, process.platform === 'linux'))('npm run soak', () => {
  it('finds that nothing of 20,000 requests stays behind', { timeout: 300_000 }, async () => {
    const run = promisify(execFile)(process.execPath, [soak, '--requests=20000']);
    const { stdout } = await run;
    expect(stdout.match(/^(?:ok|MISSED).*$/gm)).toHaveLength(4);
    expect(stdout).not.toContain('MISSED');
  });
});
