import { expect, test } from 'vitest';
import { resolvePaths } from '../../source/config/paths.ts';
import { createOwnLoginStore } from '../../source/credentials/own-login-store.ts';
import { replaceLogin } from '../../source/credentials/replace-login.ts';
import { createSecretKeeper } from '../../source/credentials/secret-keeper.ts';
import { Secret } from '../../source/shared/secret.ts';
import type { AccountId } from '../../source/shared/types.ts';
import { temporaryHome } from '../kit/temporary-home.ts';

const record = { id: 'id-1' as AccountId, store: 'vault', baseUrl: 'https://api.anthropic.com' } as const;
const text = (mark: string): Secret =>
  new Secret(JSON.stringify({ accessToken: `sk-ant-oat01-${mark}`, refreshToken: `sk-ant-ort01-${mark}` }));

test('a new login comes in the place of the old one only when nobody refreshes that', async () => {
  const home = await temporaryHome();
  const paths = resolvePaths({ CCR_TUI_HOME: home.path });
  const keeper = createSecretKeeper({ paths, preference: 'vault' });
  const store = createOwnLoginStore({ record, keeper, paths });
  await replaceLogin({ record, keeper, paths }, text('first'));
  const order: string[] = [];
  const refresh = store.exclusively(async () => {
    const before = await store.read();
    replaced = replaceLogin({ record, keeper, paths }, text('second')).then(
      () => void order.push('replaced'),
    );
    await new Promise((resolve) => setTimeout(resolve, 50));
    if (before !== null) await store.write(before);
    order.push('refreshed');
  });
  let replaced = Promise.resolve();
  await refresh;
  await replaced;
  expect(order).toEqual(['refreshed', 'replaced']);
  expect((await keeper.get(record.id, 'vault'))?.reveal()).toBe(
    `https://api.anthropic.com ${text('second').reveal()}`,
  );
  await home.remove();
});

test('what is no login replaces none', async () => {
  const home = await temporaryHome();
  const paths = resolvePaths({ CCR_TUI_HOME: home.path });
  const keeper = createSecretKeeper({ paths, preference: 'vault' });
  await replaceLogin({ record, keeper, paths }, text('first'));
  await expect(replaceLogin({ record, keeper, paths }, new Secret('hello'))).rejects.toMatchObject({
    code: 'bad_secret',
  });
  expect((await keeper.get(record.id, 'vault'))?.reveal()).toContain('first');
  await home.remove();
});
