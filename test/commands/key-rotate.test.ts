import { expect, test } from 'vitest';
import { openKeyRing } from '../../source/commands/key-ring.ts';
import { run } from '../../source/commands/key-rotate.ts';
import { resolvePaths } from '../../source/config/paths.ts';
import { loadSettings } from '../../source/config/settings.ts';
import { createPepper, digestKey, newClientKey } from '../../source/credentials/key-pepper.ts';
import { createSecretKeeper } from '../../source/credentials/secret-keeper.ts';
import { keyPattern, unlimited } from '../../source/shared/client-key.ts';
import { useContextHome } from '../kit/command-context.ts';
import { createFakeClock } from '../kit/fake-clock.ts';

const home = useContextHome();
const clock = createFakeClock();
const paths = () => resolvePaths({ CCR_TUI_HOME: home.path });
const record = () => loadSettings({ paths: paths(), env: {} }).clientKeys[0];
const hashOf = async (key: string): Promise<string> => {
  const pepper = await createPepper(createSecretKeeper({ paths: paths(), preference: 'vault' }).pepper).load(
    'vault',
  );
  return digestKey(pepper ?? Buffer.alloc(0), key).toString('base64');
};
const create = (name: string) =>
  openKeyRing(home.context({ clock }).context).create(
    { name, kind: 'user', limits: { ...unlimited, concurrent: 2 } },
    newClientKey(),
  );
const rotate = async (options: Record<string, string | true> = {}, name = 'ci') => {
  const { context, stdout, stderr } = home.context({ positionals: [name], options, clock });
  expect(await run(context)).toBe(0);
  return { stdout: stdout(), stderr: stderr() };
};

test('prints the new key alone, which is the one that opens from then on, with the limits of the old one', async () => {
  const { key } = await create('ci');
  const { stdout, stderr } = await rotate();
  expect(stdout.trimEnd()).toMatch(keyPattern);
  expect(stderr).toBe('');
  expect(record()).toMatchObject({
    id: key.id,
    hash: await hashOf(stdout.trimEnd()),
    previous: null,
    limits: { concurrent: 2 },
  });
});

test('--grace keeps the old one valid for so long, and --json prints what scripts rely on', async () => {
  const { key } = await create('ci');
  const before = record()?.hash;
  const { stdout } = await rotate({ grace: '10m', json: true });
  const printed = JSON.parse(stdout) as Record<string, unknown>;
  expect(printed).toEqual({
    id: key.id,
    name: 'ci',
    key: expect.stringMatching(keyPattern),
    createdAt: expect.stringMatching(/Z$/),
    limits: expect.objectContaining({ concurrent: 2 }),
  });
  expect(record()).toMatchObject({
    hash: await hashOf(String(printed['key'])),
    previous: { hash: before, until: clock.now() + 600_000 },
  });
});

test('of a key that is not there, or for a time that is none, prints nothing and changes nothing', async () => {
  await create('ci');
  const before = record();
  await expect(rotate({}, 'cj')).rejects.toMatchObject({ code: 'unknown_key', hint: 'did you mean ci?' });
  await expect(rotate({ grace: 'soon' })).rejects.toMatchObject({ code: 'usage' });
  expect(record()).toEqual(before);
});
