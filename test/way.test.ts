import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { acquireInstanceLock } from '../source/control/instance-lock.ts';
import { sshTarget } from '../source/control/ssh.ts';
import { systemClock } from '../source/shared/clock.ts';
import { localWay, sshWay, type Way } from '../source/way.ts';
import { serve } from './control/served.ts';

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

test('an instance that is just starting is waited for', async () => {
  const { instance } = await serve();
  const home = mkdtempSync(join(tmpdir(), 'ccr-way-'));
  onTestFinished(() => rmSync(home, { recursive: true, force: true }));
  const instanceLock = join(home, 'instance.lock');
  const { version, pid, socket, url } = instance;
  await acquireInstanceLock({ lockFile: instanceLock, version, now: systemClock.now(), pid });
  const dialing = localWay({ home, instanceLock }).dial(false, new AbortController().signal);
  expect(await Promise.race([dialing, sleep(60, 'waits')])).toBe('waits');
  const held = JSON.parse(readFileSync(instanceLock, 'utf8')) as Record<string, unknown>;
  const token = instance.token.reveal();
  writeFileSync(instanceLock, JSON.stringify({ ...held, token, socket, url }), { mode: 0o600 });
  const control = await dialing;
  expect(control.welcome).toMatchObject({ pid });
  control.close();
});
