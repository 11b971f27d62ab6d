import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { sshTarget } from '../source/control/ssh.ts';
import { sshWay, type Way } from '../source/way.ts';

const wayOver = (script: string): Way => {
  const bin = mkdtempSync(join(tmpdir(), 'ccr-way-'));
  onTestFinished(() => rmSync(bin, { recursive: true, force: true }));
  writeFileSync(join(bin, 'ssh'), `#!/bin/sh\n${script}\n`);
  chmodSync(join(bin, 'ssh'), 0o755);
  const env = { PATH: `${bin}:/usr/bin:/bin` };
  return sshWay({ target: sshTarget('me@there'), readOnly: false, env, stderr: process.stderr });
};

test('an ssh that Ctrl-C ends is no failure before the same Ctrl-C was heard here', async () => {
  const wish = new AbortController();
  const failed = wayOver('kill -INT $$')
    .dial(false, wish.signal)
    .catch(() => wish.signal.aborted);
  const heardFirst = await Promise.race([failed, sleep(400, 'waits')]);
  expect(heardFirst).toBe('waits');
  wish.abort();
  expect(await failed).toBe(true);
});

test('an ssh that another signal ends is a failure at once', async () => {
  const dialing = wayOver('kill -KILL $$').dial(false, new AbortController().signal);
  await expect(dialing).rejects.toMatchObject({ code: 'control_refused' });
});
