import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readyStore } from '../../source/commands/ready-store.ts';
import { resolvePaths } from '../../source/config/paths.ts';
import { acquireInstanceLock } from '../../source/control/instance-lock.ts';
import { systemClock } from '../../source/shared/clock.ts';
import { useContextHome } from '../kit/command-context.ts';

const home = useContextHome();
const vault = (): string => join(home.path, 'vault');

describe('the store of a secret that is yet to come', () => {
  it.each(['vault', 'auto', 'memory'] as const)(
    'is ready, and nothing is made of it: %s',
    async (credentialStore) => {
      expect(await readyStore(home.context().context, [], { credentialStore })).not.toBeNull();
      expect(existsSync(vault())).toBe(false);
    },
  );

  it('is refused now when nothing can be stored in it', async () => {
    writeFileSync(vault(), 'damaged', { mode: 0o600 });
    const asked = readyStore(home.context().context, [], { credentialStore: 'vault' });
    await expect(asked).rejects.toMatchObject({ exitCode: 69 });
  });

  it('is left to the instance that runs', async () => {
    writeFileSync(vault(), 'damaged', { mode: 0o600 });
    const { instanceLock: lockFile } = resolvePaths({ CCR_TUI_HOME: home.path });
    const { pid } = process;
    const lock = await acquireInstanceLock({ lockFile, version: '0.0.0', now: systemClock.now(), pid });
    lock.update({ socket: join(home.path, 'control.sock'), url: 'http://127.0.0.1:1' });
    expect(await readyStore(home.context().context, [], { credentialStore: 'vault' })).toBeNull();
    lock.release();
  });
});
