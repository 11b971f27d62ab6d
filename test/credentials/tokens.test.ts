import { describe, expect, onTestFinished, test } from 'vitest';
import { Tokens, type TokensOptions } from '../../source/credentials/tokens.ts';
import type { TokenNews } from '../../source/credentials/token-work.ts';
import type { TokenStatus } from '../../source/credentials/token-state.ts';
import { fingerprintOf } from '../../source/credentials/fingerprint.ts';
import { seededRandom } from '../../source/shared/seeded-random.ts';
import { CcrError } from '../../source/shared/errors.ts';
import { Secret } from '../../source/shared/secret.ts';
import type { AccountId, AccountRecord } from '../../source/shared/types.ts';
import { heldOf, hour, loginPlace, loginRecord } from './login-place.ts';

const work = loginRecord('work');

const setUp = async (changes: Partial<TokensOptions> = {}, timeoutMs?: number) => {
  const place = await loginPlace(timeoutMs);
  const news: TokenNews[] = [];
  const told = new Map<AccountId, TokenStatus>();
  const open = (more: Partial<TokensOptions> = {}) =>
    new Tokens({
      ...place,
      openStore: place.storeOf,
      oauth: () => ({ tokenUrl: place.oauth.tokenUrl, clientId: 'client', refreshLeadMs: 600_000 }),
      onChange: (account, status) => void told.set(account, status),
      onNews: (each) => void news.push(each),
      random: () => 0.5,
      ...changes,
      ...more,
    });
  const tokens = open();
  onTestFinished(() => tokens.close(5000));
  return { ...place, tokens, open, news, told };
};

type Place = Awaited<ReturnType<typeof setUp>>;

const tokenOf = async ({ tokens }: Place, { id }: AccountRecord): Promise<string | null> =>
  (await tokens.tokenOf(id)).token?.reveal() ?? null;

/** Time passes in steps, each with a look and what it leads to. */
const pass = async (place: Place, ms: number, stepMs = 1000): Promise<void> => {
  for (let gone = 0; gone < ms; gone += stepMs) {
    place.clock.advance(Math.min(stepMs, ms - gone));
    place.tokens.tick();
    await place.tokens.close(5000);
  }
};

describe('the token of a login', () => {
  test('that has time left is given without a call', async () => {
    const place = await setUp();
    const grant = await place.signIn(work, hour);
    place.tokens.setAccounts([work, { ...loginRecord('key'), kind: 'api-key' }]);
    expect(await tokenOf(place, work)).toBe(grant.accessToken);
    expect(place.told.get(work.id)).toMatchObject({ expiresAt: place.clock.now() + hour, problem: null });
    expect([...place.told.keys()]).toEqual([work.id]);
    expect(place.oauth.calls).toHaveLength(0);
  });

  test('that has ended is renewed once, however many need it', async () => {
    const place = await setUp();
    await place.signIn(work, -1);
    place.tokens.setAccounts([work]);
    const given = await Promise.all(Array.from({ length: 100 }, () => tokenOf(place, work)));
    expect(new Set(given).size).toBe(1);
    expect(given[0]).toBe(heldOf(await place.storeOf(work).read())?.accessToken);
    expect(place.oauth.calls).toHaveLength(1);
    expect(place.news).toMatchObject([{ kind: 'renewed', record: { name: 'work' } }]);
  });

  test('that the provider refused is replaced once, and not at all when it has changed meanwhile', async () => {
    const place = await setUp();
    const grant = await place.signIn(work, hour);
    place.tokens.setAccounts([work]);
    await tokenOf(place, work);
    const refused = new Secret(grant.accessToken);
    const given = await Promise.all(
      Array.from({ length: 100 }, () => place.tokens.replace(work.id, refused)),
    );
    expect(new Set(given.map(({ token }) => token?.reveal())).size).toBe(1);
    expect((await place.tokens.replace(work.id, refused)).token).toBe(given[0]?.token);
    expect(place.oauth.calls).toHaveLength(1);
  });

  test('is waited for so long and no longer', async () => {
    const place = await setUp({ patienceMs: 20 });
    await place.signIn(work, -1);
    const gate = Promise.withResolvers<void>();
    place.oauth.beforeRotation = () => gate.promise;
    place.tokens.setAccounts([work]);
    expect(await tokenOf(place, work)).toBeNull();
    gate.resolve();
    await expect.poll(() => place.told.get(work.id)?.token).toBeTruthy();
  });

  test('of an account that nobody knows is none', async () => {
    const place = await setUp();
    expect(await place.tokens.tokenOf(work.id)).toMatchObject({ token: null, problem: { state: 'error' } });
    expect(await place.tokens.refresh(work.id)).toEqual({ kind: 'missing' });
  });
});

describe('ahead of its end', () => {
  test('a token is renewed, of paused accounts too, and serves until then', async () => {
    const place = await setUp();
    const grant = await place.signIn(work, hour);
    place.tokens.setAccounts([{ ...work, paused: true }]);
    await pass(place, 50 * 60_000 - 1000, 10_000);
    expect(await tokenOf(place, work)).toBe(grant.accessToken);
    expect(place.oauth.calls).toHaveLength(0);
    await pass(place, 2000);
    expect(place.oauth.calls).toHaveLength(1);
    expect(await tokenOf(place, work)).not.toBe(grant.accessToken);
  });

  test('ten that end together are renewed over more than a minute, at most two at once', async () => {
    const random = seededRandom(7);
    const place = await setUp({ random: () => random() });
    const records = Array.from({ length: 10 }, (_, n) => loginRecord(`work-${n}`));
    for (const record of records) await place.signIn(record, hour);
    const at: number[] = [];
    place.oauth.beforeRotation = async () => at.push(place.clock.now());
    place.tokens.setAccounts(records);
    await place.tokens.tokenOf(records.at(-1)!.id);
    place.clock.advance(hour - 13 * 60_000);
    await pass(place, 6 * 60_000);
    expect(at).toHaveLength(10);
    expect(Math.max(...at) - Math.min(...at)).toBeGreaterThanOrEqual(60_000);
    expect(place.oauth.mostAtOnce).toBeLessThanOrEqual(2);
    expect(place.oauth.reuses).toBe(0);
  });

  test('after a sleep of hours all are renewed soon, at most two at once', async () => {
    const place = await setUp();
    const records = Array.from({ length: 6 }, (_, n) => loginRecord(`work-${n}`));
    for (const record of records) await place.signIn(record, hour);
    place.tokens.setAccounts(records);
    await place.tokens.tokenOf(records.at(-1)!.id);
    place.clock.advance(8 * hour);
    await pass(place, 5000);
    expect(place.oauth.calls).toHaveLength(6);
    expect(place.oauth.mostAtOnce).toBeLessThanOrEqual(2);
  });

  test('a clock that is set back or far ahead makes no token live for years, and none die for good', async () => {
    const place = await setUp();
    await place.signIn(work, hour);
    place.tokens.setAccounts([work]);
    await tokenOf(place, work);
    const start = place.clock.now();
    place.clock.setWall(start + 10 * 365 * 24 * hour);
    await pass(place, 1000);
    expect(place.oauth.calls).toHaveLength(1);
    place.clock.setWall(start);
    await pass(place, 1000);
    const { expiresAt } = await place.tokens.tokenOf(work.id);
    expect((expiresAt ?? 0) - start).toBeLessThanOrEqual(8 * hour + 1000);
  });
});

describe('a renewal that fails', () => {
  test('leaves the token serving, is tried again after rests that grow, and ends well', async () => {
    const place = await setUp();
    const grant = await place.signIn(work, 600_000);
    place.tokens.setAccounts([work]);
    await tokenOf(place, work);
    place.oauth.fail(...Array.from({ length: 4 }, () => ({ status: 503, body: '' })));
    await pass(place, 14_000);
    expect(place.oauth.calls).toHaveLength(4);
    expect(await tokenOf(place, work)).toBe(grant.accessToken);
    expect(place.news.map((each) => each.kind === 'failed' && each.retryAt !== null)).toEqual(
      Array(4).fill(true),
    );
    await pass(place, 8000);
    expect(place.news.at(-1)).toMatchObject({ kind: 'renewed' });
  });

  test('with a token that has ended says so, and is not hurried by those who need it', async () => {
    const place = await setUp();
    await place.signIn(work, -1);
    place.oauth.fail({ status: 403, body: '<html>blocked</html>' });
    place.tokens.setAccounts([work]);
    for (let n = 0; n < 3; n += 1) {
      expect(await place.tokens.tokenOf(work.id)).toMatchObject({
        token: null,
        problem: { state: 'refreshing', reason: expect.stringContaining('403') },
      });
    }
    expect(place.oauth.calls).toHaveLength(1);
    await pass(place, 2000);
    expect(await tokenOf(place, work)).not.toBeNull();
  });

  test('for good ends that account alone, is said once, and asks no more', async () => {
    const place = await setUp();
    const home = loginRecord('home');
    const [grant] = [await place.signIn(work, -1), await place.signIn(home, hour)];
    place.oauth.revoke(grant.refreshToken);
    place.tokens.setAccounts([work, home]);
    expect(await place.tokens.tokenOf(work.id)).toMatchObject({
      token: null,
      problem: { state: 'needs-login', reason: expect.stringContaining('account login work'), until: null },
    });
    await pass(place, 120_000, 10_000);
    expect(await tokenOf(place, work)).toBeNull();
    expect(await tokenOf(place, home)).not.toBeNull();
    expect(place.oauth.calls).toHaveLength(1);
    expect(place.news).toHaveLength(1);
    expect(place.news[0]).toMatchObject({ kind: 'failed', retryAt: null });
  });

  test('for good is over when somebody has signed in again, told or not', async () => {
    for (const isTold of [true, false]) {
      const place = await setUp();
      place.oauth.revoke((await place.signIn(work, -1)).refreshToken);
      place.tokens.setAccounts([work]);
      expect(await tokenOf(place, work)).toBeNull();
      const fresh = await place.signIn(work, hour);
      if (isTold) place.tokens.reload(work.id);
      else await pass(place, 31_000, 1000);
      expect(await tokenOf(place, work)).toBe(fresh.accessToken);
    }
  });

  test('that was stored anew while it was being read is read once more', async () => {
    const place = await setUp();
    const store = place.storeOf(work);
    const [first, begun] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    let reads = 0;
    const tokens = place.open({
      openStore: () => ({
        ...store,
        read: async () => {
          const login = await store.read();
          reads += 1;
          if (reads > 1) return login;
          begun.resolve();
          await first.promise;
          return login;
        },
      }),
    });
    await place.signIn(work, hour);
    tokens.setAccounts([work]);
    await begun.promise;
    const fresh = await place.signIn(work, hour);
    tokens.reload(work.id);
    first.resolve();
    await expect.poll(async () => (await tokens.tokenOf(work.id)).token?.reveal()).toBe(fresh.accessToken);
    await tokens.close(5000);
  });
});

describe('a store that', () => {
  test('does not answer is asked again, and the account serves once it does', async () => {
    const place = await setUp({}, 1000);
    const grant = await place.signIn(work, hour);
    let isLocked = true;
    const store = place.storeOf(work);
    const tokens = place.open({
      openStore: () => ({
        ...store,
        read: async () => {
          if (isLocked) throw new CcrError('store_unavailable', 'the keychain is locked');
          return store.read();
        },
      }),
    });
    tokens.setAccounts([work]);
    expect(await tokens.tokenOf(work.id)).toMatchObject({
      token: null,
      problem: { state: 'error', reason: 'the keychain is locked' },
    });
    isLocked = false;
    place.clock.advance(2000);
    tokens.tick();
    expect((await tokens.tokenOf(work.id)).token?.reveal()).toBe(grant.accessToken);
  });

  test('does not take a renewed login is told, and gets it when it does', async () => {
    const place = await setUp();
    await place.signIn(work, -1);
    const store = place.storeOf(work);
    let isFull = true;
    const write: typeof store.write = async (login) => {
      if (isFull) throw new CcrError('store_unavailable', 'the disk is full');
      return store.write(login);
    };
    const tokens = place.open({ openStore: () => ({ ...store, write }) });
    tokens.setAccounts([work]);
    const { token } = await tokens.tokenOf(work.id);
    expect(place.news).toMatchObject([
      { kind: 'renewed' },
      { kind: 'unstored', reason: 'the disk is full', spilled: true },
    ]);
    isFull = false;
    place.clock.advance(31_000);
    tokens.tick();
    await expect.poll(() => place.news.at(-1)?.kind === 'stored').toBeTruthy();
    expect(heldOf(await store.read())?.accessToken).toBe(token?.reveal());
    expect(await place.emergency.read(work.id)).toBeNull();
  });
});

test('a renewed login that no store has is not lost when its account moves to another store', async () => {
  const place = await setUp();
  await place.signIn(work, -1);
  const write = () => Promise.reject(new CcrError('store_unavailable', 'the disk is full'));
  const tokens = place.open({
    emergency: { ...place.emergency, write },
    openStore: (record) => ({ ...place.storeOf(record), ...(record.store === 'vault' && { write }) }),
  });
  tokens.setAccounts([work]);
  const { token } = await tokens.tokenOf(work.id);
  expect(place.news.at(-1)).toMatchObject({ kind: 'unstored', spilled: false });
  const moved = { ...work, store: 'memory' } as const;
  tokens.setAccounts([moved]);
  expect((await tokens.tokenOf(work.id)).token?.reveal()).toBe(token?.reveal());
  place.clock.advance(1000);
  tokens.tick();
  await expect.poll(() => place.news.at(-1)?.kind === 'stored').toBeTruthy();
  expect(heldOf(await place.storeOf(moved).read())?.accessToken).toBe(token?.reveal());
  expect(place.oauth.reuses).toBe(0);
});

describe('after a crash', () => {
  test('a renewal without an end is tried once with the token that is there', async () => {
    const place = await setUp();
    const grant = await place.signIn(work, hour);
    await place.journal.begin(work.id, fingerprintOf(new Secret(grant.refreshToken)), place.clock.now());
    place.tokens.setAccounts([work]);
    await expect.poll(() => place.news.length > 0).toBeTruthy();
    expect(place.oauth.calls).toHaveLength(1);
    expect(place.journal.pending(work.id)).toBeNull();
    expect(await tokenOf(place, work)).not.toBe(grant.accessToken);
  });

  test('and explained when the provider had carried it out', async () => {
    const place = await setUp();
    const grant = await place.signIn(work, -1);
    await place.journal.begin(work.id, fingerprintOf(new Secret(grant.refreshToken)), place.clock.now());
    place.oauth.revoke(grant.refreshToken);
    place.tokens.setAccounts([work]);
    expect((await place.tokens.tokenOf(work.id)).problem?.reason).toContain('was cut off');
    expect(place.oauth.calls).toHaveLength(1);
  });

  test('one whose answer was stored is over', async () => {
    const place = await setUp();
    await place.signIn(work, hour);
    await place.journal.begin(work.id, 'of-another-token', place.clock.now());
    place.tokens.setAccounts([work]);
    await tokenOf(place, work);
    await expect.poll(() => place.journal.pending(work.id) === null).toBeTruthy();
    expect(place.oauth.calls).toHaveLength(0);
  });

  test('a login in the emergency file is used, and goes to its store', async () => {
    const place = await setUp();
    const grant = await place.signIn(work, hour);
    const renewed = place.oauth.issue('work');
    const login = { ...(await place.storeOf(work).read())!, accessToken: new Secret(renewed.accessToken) };
    await place.emergency.write(work.id, {
      login: { ...login, refreshToken: new Secret(renewed.refreshToken) },
      replaces: fingerprintOf(new Secret(grant.refreshToken)),
    });
    place.tokens.setAccounts([work]);
    expect(await tokenOf(place, work)).toBe(renewed.accessToken);
    place.clock.advance(1000);
    place.tokens.tick();
    await expect.poll(() => place.news.at(-1)?.kind === 'stored').toBeTruthy();
    expect(heldOf(await place.storeOf(work).read())).toMatchObject(renewed);
  });
});

test('what a person asks for is renewed at once, and an account that goes is forgotten', async () => {
  const place = await setUp();
  const grant = await place.signIn(work, hour);
  place.tokens.setAccounts([work]);
  expect((await place.tokens.refresh(work.id)).kind).toBe('renewed');
  expect(await tokenOf(place, work)).not.toBe(grant.accessToken);
  place.tokens.setAccounts([]);
  expect(await tokenOf(place, work)).toBeNull();
});
