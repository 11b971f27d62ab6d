import { setTimeout as sleep } from 'node:timers/promises';
import type { ControlClient } from '../control/client.ts';
import { isStarting, readInstance } from '../control/instance-lock.ts';
import type { AuditVia } from '../shared/audit-event.ts';
import { CcrError } from '../shared/errors.ts';

// An instance answers its socket within milliseconds; one that needs this long is stopped or thrashing.
const answerWithinMs = 3000;

/**
 * The instance that runs in this home, connected; null when none does. A lock left behind by a killed one counts as
 * none. The caller closes the connection.
 */
export const reachInstance = async (
  paths: { instanceLock: string },
  options: { readOnly?: boolean; via?: AuditVia } = {},
): Promise<ControlClient | null> => {
  const instance = readInstance(paths.instanceLock);
  if (instance === null) return null;
  const { connectControl } = await import('../control/client.ts');
  try {
    return await connectControl(instance, { ...options, timeoutMs: answerWithinMs });
  } catch (error) {
    if (error instanceof CcrError && error.code === 'no_instance') return null;
    throw error;
  }
};

const startWithinMs = 10_000;
const lookMs = 20;

/**
 * Waits for an instance of this home that is starting, up to ten seconds: it has read the settings already, and would miss
 * what changes them now.
 */
export const untilStarted = async ({ instanceLock }: { instanceLock: string }): Promise<void> => {
  const ends = performance.now() + startWithinMs;
  try {
    while (isStarting(instanceLock, Date.now()) && performance.now() < ends) await sleep(lookMs);
  } catch {
    // A lock that cannot be read is nobody's here, as for everybody who looks for an instance.
  }
};

/**
 * What the instance of this home answers, on a connection for this alone; what `here` does when none runs. `via` is who asks,
 * for the audit log; a command of its own where nothing is said.
 */
export const askInstance = async <T>(
  paths: { instanceLock: string },
  ask: (instance: ControlClient) => Promise<T>,
  here: () => T | Promise<T>,
  options: { via?: AuditVia } = {},
): Promise<T> => {
  const instance = await reachInstance(paths, options);
  if (instance === null) return here();
  try {
    return await ask(instance);
  } finally {
    instance.close();
  }
};

/** The error of a command that needs a running instance. */
export const notRunning = (hint?: string): CcrError =>
  new CcrError('no_instance', 'not running', hint === undefined ? {} : { hint });

/** What the instance of this home answers as soon as it has started. Rejects with `no_instance` and that hint when none runs. */
export const askRunning = async <T>(
  paths: { instanceLock: string },
  ask: (instance: ControlClient) => Promise<T>,
  hint: string,
): Promise<T> => {
  await untilStarted(paths);
  return askInstance(paths, ask, () => {
    throw notRunning(hint);
  });
};
