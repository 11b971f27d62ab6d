import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { openKeyRing, type KeyRing } from '../../source/commands/key-ring.ts';
import { newClientKey } from '../../source/credentials/key-pepper.ts';
import { unlimited } from '../../source/shared/client-key.ts';
import type { Secret } from '../../source/shared/secret.ts';
import { useContextHome } from '../kit/command-context.ts';
import { useInstanceHome } from '../kit/instance-home.ts';

const home = useInstanceHome();
const contexts = useContextHome();
const open = (): KeyRing => openKeyRing(contexts.context({ env: { CCR_TUI_HOME: home.path } }).context);

const user = (name: string) => ({ name, kind: 'user', limits: unlimited }) as const;
/** Who changed what, by the audit log. */
const told = (): string[] =>
  readFileSync(home.paths.audit, 'utf8')
    .split('\n')
    .filter((line) => line.includes('"key.'))
    .map((line) => JSON.parse(line) as Record<string, string>)
    .map(({ via, event, key }) => `${via} ${event} ${key}`);

const statusWith = async (url: string, key: Secret): Promise<number> => {
  const headers = { 'content-type': 'application/json', 'x-api-key': key.reveal() };
  return (await fetch(`${url}/v1/messages`, { method: 'POST', headers, body: '{}' })).status;
};
/** Nobody can serve without an account: who gets that far was let in. */
const letIn = 503;

/** The life of a key; the answers are those of the ring. */
const life = async (opens: (key: Secret) => Promise<unknown>) => {
  const [first, second] = [newClientKey(), newClientKey()];
  const created = await open().create(user('ci'), first);
  const opened = [await opens(first)];
  const rotated = await open().rotate('ci', second, 0);
  opened.push(await opens(first), await opens(second));
  const revoked = await open().revoke('ci', null);
  opened.push(await opens(second));
  const listed = await open().list();
  expect(rotated.key).toMatchObject({ id: created.key.id, name: 'ci' });
  expect(revoked).toMatchObject({ id: created.key.id, revokedAt: expect.any(Number) });
  expect(listed.map(({ id, revokedAt }) => [id, revokedAt])).toEqual([[created.key.id, revoked.revokedAt]]);
  return { opened, created };
};

test('without an instance the files change, an instance that starts knows it, and each change is on record once', async () => {
  const { created } = await life(async () => null);
  expect(created).toMatchObject({ required: true, notice: expect.stringContaining('vault') });
  expect(told()).toEqual(['cli key.created ci', 'cli key.rotated ci', 'cli key.revoked ci']);
  const key = newClientKey();
  await open().create(user('laptop'), key);
  const { bound } = await home.start();
  expect([await statusWith(bound.url, key), await statusWith(bound.url, newClientKey())]).toEqual([
    letIn,
    401,
  ]);
});

test('with one every change has taken effect when it is answered, and it is the instance that writes', async () => {
  const { bound } = await home.start();
  const { opened, created } = await life((key) => statusWith(bound.url, key));
  expect(created).toMatchObject({ required: true });
  expect(opened).toEqual([letIn, 401, letIn, 401]);
  expect(told()).toEqual(['cli key.created ci', 'cli key.rotated ci', 'cli key.revoked ci']);
});

test('what fails says the same with and without an instance', async () => {
  const problems = async (): Promise<unknown[]> => {
    const tries = [
      open().create(user('../x'), newClientKey()),
      open().create(user('ci'), newClientKey()),
      open().create({ ...user('b'), limits: { ...unlimited, accounts: ['nobody'] } }, newClientKey()),
      open().rotate('cj', newClientKey(), 0),
      open().revoke('ci', 'connect'),
    ];
    const settled = await Promise.allSettled(tries);
    return settled.map((one) => (one.status === 'rejected' ? (one.reason as { code: string }).code : 'done'));
  };
  await open().create(user('ci'), newClientKey());
  const alone = await problems();
  expect(alone).toEqual(['usage', 'duplicate_key', 'unknown_account', 'unknown_key', 'unknown_key']);
  await home.start();
  expect(await problems()).toEqual(alone);
});
