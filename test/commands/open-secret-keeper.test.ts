import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openSecretKeeper } from '../../source/commands/open-secret-keeper.ts';
import { Secret } from '../../source/shared/secret.ts';
import type { AccountId } from '../../source/shared/types.ts';
import { useContextHome } from '../kit/command-context.ts';

const home = useContextHome();
const id = 'one' as AccountId;

test('opens no store before it is asked; a vault that it then makes is on record, once', async () => {
  const keeper = await openSecretKeeper(home.context().context);
  expect(readdirSync(home.path)).toEqual([]);
  expect(await keeper.put(id, new Secret('s'), null)).toMatchObject({ store: 'vault' });
  await keeper.put(id, new Secret('t'), 'vault');
  const audit = readFileSync(join(home.path, 'audit.log'), 'utf8');
  expect(audit.match(/"event":"vault\.created"/g)).toHaveLength(1);
  const again = await openSecretKeeper(home.context().context);
  expect((await again.get(id, 'vault'))?.reveal()).toBe('t');
});
