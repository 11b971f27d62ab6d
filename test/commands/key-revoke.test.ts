import { expect, test } from 'vitest';
import { openKeyRing } from '../../source/commands/key-ring.ts';
import { run } from '../../source/commands/key-revoke.ts';
import { newClientKey } from '../../source/credentials/key-pepper.ts';
import { unlimited } from '../../source/shared/client-key.ts';
import { useContextHome } from '../kit/command-context.ts';

const home = useContextHome();
const ring = () => openKeyRing(home.context().context);
const revoke = async (name: string): Promise<string> => {
  const { context, stdout } = home.context({ positionals: [name] });
  expect(await run(context)).toBe(0);
  return stdout();
};

test('ends a key by name or id, says which, and keeps its record as long as a person made it', async () => {
  const wanted = { name: 'ci', kind: 'user', limits: unlimited } as const;
  await ring().create(wanted, newClientKey());
  expect(await revoke('ci')).toBe('revoked ci\n');
  const { key } = await ring().create({ ...wanted, name: 'codex', kind: 'connect' }, newClientKey());
  expect(await revoke(key.id)).toBe('revoked codex\n');
  expect((await ring().list()).map(({ name, revokedAt }) => [name, revokedAt !== null])).toEqual([
    ['ci', true],
  ]);
});

test('of a key that is not there, or was revoked, changes nothing and names the nearest', async () => {
  await ring().create({ name: 'laptop', kind: 'user', limits: unlimited }, newClientKey());
  await expect(revoke('laptob')).rejects.toMatchObject({ code: 'unknown_key', hint: 'did you mean laptop?' });
  await revoke('laptop');
  await expect(revoke('laptop')).rejects.toMatchObject({ code: 'unknown_key' });
  await expect(revoke('')).rejects.toMatchObject({ code: 'unknown_key' });
});
