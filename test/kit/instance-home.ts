import { afterEach, beforeEach } from 'vitest';
import { resolvePaths, type Paths } from '../../source/config/paths.ts';
import { connectControl, type ControlClient } from '../../source/control/client.ts';
import { readInstance } from '../../source/control/instance-lock.ts';
import { startInstance, type RunningInstance } from '../../source/instance.ts';
import { systemClock } from '../../source/shared/clock.ts';
import { temporaryHome, type TemporaryHome } from './temporary-home.ts';

export type InstanceHome = {
  readonly path: string;
  readonly paths: Paths;
  /** Starts an instance inside this process, on a free port by default; closed after the test. */
  start(flags?: { port?: string; host?: string }, onStarting?: () => void): Promise<RunningInstance>;
  /** A client of its control socket, as another process would have. */
  connect(): Promise<ControlClient>;
};

/** A home of its own for each test of the file it is called in; secrets go to the vault in it. */
export const useInstanceHome = (): InstanceHome => {
  let home: TemporaryHome | null = null;
  let ending: (() => Promise<unknown>)[] = [];
  beforeEach(async () => {
    home = await temporaryHome();
    ending = [];
  });
  afterEach(async () => {
    for (const end of ending.reverse()) await end();
    await home?.remove();
  });
  const path = (): string => home?.path ?? '';
  const env = (): Record<string, string> => ({
    CCR_TUI_HOME: path(),
    CCR_TUI_CREDENTIAL_STORE: 'vault',
  });
  const paths = (): Paths => resolvePaths(env());
  return {
    get path() {
      return path();
    },
    get paths() {
      return paths();
    },
    async start(flags = { port: '0' }, onStarting = () => {}) {
      const instance = await startInstance({
        paths: paths(),
        env: env(),
        flags,
        clock: systemClock,
        onStarting,
      });
      ending.push(() => instance.close());
      return instance;
    },
    async connect() {
      const found = readInstance(paths().instanceLock);
      if (!found) throw new Error('no instance');
      const client = await connectControl(found, { timeoutMs: 15_000 });
      ending.push(async () => client.close());
      return client;
    },
  };
};
