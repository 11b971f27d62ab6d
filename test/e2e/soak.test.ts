import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { inRun } from '../kit/long-run.ts';
import { isLinux } from '../kit/needs.ts';

const soak = new URL('../benchmark/soak.ts', import.meta.url).pathname;

const count = inRun(2000, 20_000);

// It reads /proc.
describe.runIf(isLinux())('npm run soak', () => {
  it(`finds that nothing of ${count} requests stays behind`, { timeout: 300_000 }, async () => {
    const { stdout } = await promisify(execFile)(process.execPath, [soak, `--requests=${count}`]);
    expect(stdout.match(/^(?:ok|MISSED).*$/gm)).toHaveLength(5);
    expect(stdout).not.toContain('MISSED');
  });
});
