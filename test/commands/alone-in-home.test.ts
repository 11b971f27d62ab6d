import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { aloneInHome } from '../../source/commands/alone-in-home.ts';
import { startInstance } from '../../source/instance.ts';
import { resolvePaths } from '../../source/config/paths.ts';
import { systemClock } from '../../source/shared/clock.ts';
import { useContextHome } from '../kit/command-context.ts';

const home = useContextHome();

test('no instance starts in the home meanwhile, and one can afterwards', async () => {
  const { context } = home.context();
  const { env } = context;
  const start = () =>
    startInstance({ paths: resolvePaths(env), env, flags: { port: '0' }, clock: systemClock });
  const done = await aloneInHome(context, async () => {
    await expect(start()).rejects.toMatchObject({ code: 'already_running' });
    return 'done';
  });
  expect(done).toBe('done');
  expect(existsSync(join(home.path, 'instance.lock'))).toBe(false);
  const instance = await start();
  try {
    await expect(aloneInHome(context, async () => 'not done')).rejects.toMatchObject({
      code: 'already_running',
    });
  } finally {
    await instance.close();
  }
  await expect(aloneInHome(context, () => Promise.reject(new Error('failed')))).rejects.toThrow('failed');
  expect(existsSync(join(home.path, 'instance.lock'))).toBe(false);
});
