import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { LoginStore } from '../../source/credentials/login-store.ts';
import { refreshLogin, type RefreshWish } from '../../source/credentials/refresh.ts';
import { readNewest, storeAgain } from '../../source/credentials/newest-login.ts';
import { fingerprintOf } from '../../source/credentials/fingerprint.ts';
import type { PostToken, TokenReply } from '../../source/credentials/token-request.ts';
import { CcrError } from '../../source/shared/errors.ts';
import { Secret } from '../../source/shared/secret.ts';
import type { OauthFault } from '../kit/oauth-mock.ts';
import { heldOf, hour, loginOf, loginPlace, loginRecord, type LoginPlace } from './login-place.ts';

const record = loginRecord('work');

/** Gives up waiting when it is certain that no answer comes: a time limit would do that to an answer that is late as well. */
const givingUp =
  ({ post, oauth }: LoginPlace): PostToken =>
  (...asked) => {
    const hangs = Promise.withResolvers<TokenReply>();
    oauth.onHang = () => hangs.resolve({ kind: 'lost', reason: 'the token endpoint gave no answer' });
    return Promise.race([post(...asked), hangs.promise]);
  };

const setUp = async () => {
  const place = await loginPlace();
  const grant = await place.signIn(record, hour);
  const store = place.storeOf(record);
  const renew = (wish: Partial<RefreshWish> = {}, own: LoginStore = store) =>
    refreshLogin(
      {
        ...place,
        post: givingUp(place),
        account: record.id,
        store: own,
        oauth: () => ({ tokenUrl: place.oauth.tokenUrl, clientId: 'client' }),
      },
      {
        replace: new Secret(grant.accessToken),
        ended: null,
        unstored: null,
        isWanted: () => true,
        ...wish,
      },
    );
  return { ...place, grant, store, renew };
};

const journalOf = ({ paths }: LoginPlace): string[] =>
  readdirSync(paths.journal).filter((name) => name.endsWith('.json'));

/** A store during whose first so many reads the machine sleeps. */
const sleepy = ({ store, clock }: LoginPlace & { store: LoginStore }, times: number): LoginStore => {
  let left = times;
  return {
    ...store,
    read: async () => {
      const login = await store.read();
      if ((left -= 1) >= 0) clock.advance(8 * hour);
      return login;
    },
  };
};

/** A store that reads well and takes nothing. */
const takingNothing = (store: LoginStore): LoginStore => ({
  ...store,
  write: async () => {
    throw new CcrError('store_unavailable', 'the keychain is locked');
  },
});

describe('a renewal', () => {
  test('is stored before anybody gets it, and leaves no entry behind', async () => {
    const place = await setUp();
    let noted: string[] = [];
    place.oauth.afterRotation = async () => (noted = journalOf(place));
    const end = await place.renew();
    expect(noted).toEqual([`${record.id}.json`]);
    expect(journalOf(place)).toEqual([]);
    if (end.kind !== 'renewed') throw new Error(`it is ${end.kind}`);
    expect(end.unstored).toBeNull();
    const kept = heldOf(await place.storeOf(record).read());
    expect(kept).toEqual(heldOf(end.login));
    expect(kept?.accessToken).not.toBe(place.grant.accessToken);
    expect(place.oauth.isLive(kept?.refreshToken ?? '')).toBe(true);
    expect(place.oauth.calls).toHaveLength(1);
  });

  test('that somebody else has done is taken from the store, without a call', async () => {
    const place = await setUp();
    const theirs = { accessToken: 'their-access-token', refreshToken: 'their-refresh-token' };
    await place.store.write(loginOf(theirs, 5 * hour));
    expect(await place.renew()).toMatchObject({ kind: 'found', replaces: null });
    expect(place.oauth.calls).toHaveLength(0);
  });

  test('is done all the same when a person wishes it', async () => {
    const place = await setUp();
    expect((await place.renew({ replace: null })).kind).toBe('renewed');
  });

  test('needs the journal: where that cannot be written, nothing is risked', async () => {
    const place = await setUp();
    await place.store.exclusively(async () => undefined);
    mkdirSync(`${place.paths.journal}/${record.id}.json`);
    writeFileSync(`${place.paths.journal}/${record.id}.json/file`, '');
    expect(await place.renew()).toMatchObject({ kind: 'later', reason: expect.stringContaining('journal') });
    expect(place.oauth.calls).toHaveLength(0);
  });

  test('needs its store: without one, nothing is risked', async () => {
    const place = await setUp();
    rmSync(place.paths.vaultKey);
    expect(await place.renew()).toMatchObject({ kind: 'later', reason: expect.stringContaining('vault') });
    expect(place.oauth.calls).toHaveLength(0);
  });

  test('of a login that is no longer there is none', async () => {
    const place = await setUp();
    await place.keeper.remove(record.id, record.store);
    expect(await place.renew()).toEqual({ kind: 'missing' });
  });

  test('of an account that was removed meanwhile is not stored again', async () => {
    const place = await setUp();
    await place.renew({ isWanted: () => false });
    expect(heldOf(await place.store.read())?.refreshToken).toBe(place.grant.refreshToken);
  });

  test('never overwrites a login that somebody made meanwhile', async () => {
    const place = await setUp();
    const theirs = { accessToken: 'their-access-token', refreshToken: 'their-refresh-token' };
    place.oauth.afterRotation = () => place.store.write(loginOf(theirs, 5 * hour));
    expect((await place.renew()).kind).toBe('found');
    expect(heldOf(await place.store.read())).toMatchObject(theirs);
  });

  test('waits for nobody who sleeps with the lock in hand, and asks nothing when it has slept itself', async () => {
    const place = await setUp();
    expect(await place.renew({}, sleepy(place, 100))).toEqual({
      kind: 'later',
      reason: 'the machine was busy',
      retryAfterMs: null,
    });
    expect(place.oauth.calls).toHaveLength(0);
    // Nobody was asked, so that nothing is left open.
    expect(journalOf(place)).toEqual([]);
  });

  test('looks anew under a new lock when it has slept or a busy machine was slow, and asks once', async () => {
    const place = await setUp();
    let locks = 0;
    const store = sleepy(place, 2);
    const counted: LoginStore = {
      ...store,
      exclusively: (work) => {
        locks += 1;
        return store.exclusively(work);
      },
    };
    expect((await place.renew({}, counted)).kind).toBe('renewed');
    expect([locks, place.oauth.calls.length, journalOf(place)]).toEqual([3, 1, []]);
  });
});

describe('an answer that says nothing for certain', () => {
  const cases: [string, OauthFault, number][] = [
    ['a web page with 401', { status: 401, body: '<html>network login</html>' }, 1],
    ['a web page with 403', { status: 403, body: '<html>blocked</html>' }, 1],
    ['429', { status: 429, body: '{}', headers: { 'retry-after': '20' } }, 1],
    ['500', { status: 500, body: '{"error":"invalid_grant"}' }, 1],
    ['503', { status: 503, body: '' }, 1],
    ['garbage with 200', { status: 200, body: 'hello' }, 1],
    ['a reset', { reset: 'before' }, 2],
  ];

  test.each(cases)('leaves everything as it is: %s', async (_, fault, calls) => {
    const place = await setUp();
    place.oauth.fail(fault, ...(calls === 2 ? [fault] : []));
    expect((await place.renew()).kind).toBe('later');
    expect(place.oauth.calls).toHaveLength(calls);
    expect(heldOf(await place.store.read())).toMatchObject(place.grant);
    // It is still good.
    expect((await place.renew()).kind).toBe('renewed');
    expect(place.oauth.reuses).toBe(0);
  });

  test('and when nobody can be reached', async () => {
    const place = await setUp();
    const end = await refreshLogin(
      {
        ...place,
        account: record.id,
        oauth: () => ({ tokenUrl: 'http://127.0.0.1:1/token', clientId: 'client' }),
      },
      { replace: null, ended: null, unstored: null, isWanted: () => true },
    );
    expect(end).toMatchObject({ kind: 'later', reason: expect.stringContaining('ECONNREFUSED') });
    expect(journalOf(place)).toEqual([]);
  });
});

describe('an answer that gets lost', () => {
  test('is asked for once more: it may not have been carried out', async () => {
    const place = await setUp();
    place.oauth.fail({ hang: 'before' });
    expect((await place.renew()).kind).toBe('renewed');
    expect(place.oauth.calls).toHaveLength(2);
  });

  test.each(['hang', 'reset'] as const)(
    'after it was carried out (%s) leads to a clear end after two calls, and to no third',
    async (way) => {
      const place = await setUp();
      place.oauth.fail(way === 'hang' ? { hang: 'after' } : { reset: 'after' });
      const end = await place.renew();
      expect(end).toMatchObject({ kind: 'ended', reason: expect.stringContaining('got lost') });
      expect(place.oauth.calls).toHaveLength(2);
      const fingerprint = fingerprintOf(new Secret(place.grant.refreshToken));
      expect(await place.renew({ ended: fingerprint })).toMatchObject({ kind: 'ended', fingerprint });
      expect(place.oauth.calls).toHaveLength(2);
    },
  );

  test('twice is left open: the journal keeps it', async () => {
    const place = await setUp();
    place.oauth.fail({ hang: 'before' }, { hang: 'before' });
    expect(await place.renew()).toMatchObject({ kind: 'later', reason: expect.stringContaining('twice') });
    expect(journalOf(place)).toEqual([`${record.id}.json`]);
  });

  test('is not forgotten when the next answer decides nothing: a refusal after that explains itself', async () => {
    const place = await setUp();
    place.oauth.fail({ hang: 'after' }, { status: 503, body: '' });
    expect((await place.renew()).kind).toBe('later');
    place.oauth.fail({ status: 503, body: '' });
    expect((await place.renew()).kind).toBe('later');
    expect(journalOf(place)).toEqual([`${record.id}.json`]);
    const end = await place.renew();
    expect(end).toMatchObject({ kind: 'ended', reason: expect.stringContaining('was cut off') });
    expect(journalOf(place)).toEqual([]);
  });
});

describe('a refusal', () => {
  test('ends the login, in the word of the provider', async () => {
    const place = await setUp();
    place.oauth.revoke(place.grant.refreshToken);
    expect(await place.renew()).toMatchObject({
      kind: 'ended',
      reason: 'the provider says invalid_grant',
      fingerprint: fingerprintOf(new Secret(place.grant.refreshToken)),
    });
    expect(journalOf(place)).toEqual([]);
    expect(heldOf(await place.store.read())).toMatchObject(place.grant);
  });

  test('explains itself after a renewal that was cut off', async () => {
    const place = await setUp();
    await place.journal.begin(
      record.id,
      fingerprintOf(new Secret(place.grant.refreshToken)),
      place.clock.now(),
    );
    place.oauth.revoke(place.grant.refreshToken);
    expect(await place.renew()).toMatchObject({ reason: expect.stringContaining('was cut off') });
  });

  test('of a token that was superseded is none: the one that came after it is used', async () => {
    const place = await setUp();
    const theirs = { accessToken: 'their-access-token', refreshToken: 'their-refresh-token' };
    place.oauth.revoke(place.grant.refreshToken);
    place.oauth.beforeRotation = () => place.store.write(loginOf(theirs, 5 * hour));
    expect((await place.renew()).kind).toBe('found');
  });
});

describe('a store that does not take a renewed login', () => {
  test('loses nothing: it lies in the emergency file, and the next renewal goes on from there', async () => {
    const place = await setUp();
    const end = await place.renew({}, takingNothing(place.store));
    if (end.kind !== 'renewed') throw new Error(`it is ${end.kind}`);
    expect(end.unstored).toMatchObject({ spilled: true, reason: 'the keychain is locked' });
    expect(journalOf(place)).toEqual([]);
    const { accessToken } = end.login;
    // Another process, later: it finds the login, renews it, and its store works again.
    expect(await place.renew()).toMatchObject({ kind: 'found', replaces: end.unstored?.replaces });
    const next = await place.renew({ replace: accessToken });
    expect(next).toMatchObject({ kind: 'renewed', unstored: null });
    expect(await place.emergency.read(record.id)).toBeNull();
    expect(place.oauth.isLive(heldOf(await place.store.read())?.refreshToken ?? '')).toBe(true);
    expect(place.oauth.reuses).toBe(0);
  });

  test('as a vault that was damaged meanwhile, and stays as it is: put back, it gets the login', async () => {
    const place = await setUp();
    const { vault } = place.paths;
    const whole = readFileSync(vault);
    place.oauth.afterRotation = async () => writeFileSync(vault, 'damaged');
    const end = await place.renew();
    expect(end).toMatchObject({ kind: 'renewed', unstored: { spilled: true } });
    expect(readFileSync(vault, 'utf8')).toBe('damaged');
    writeFileSync(vault, whole);
    const found = await readNewest(record.id, place);
    if (end.kind !== 'renewed' || found === null) throw new Error('nothing waits');
    expect(heldOf(found.login)).toEqual(heldOf(end.login));
    const waiting = { login: found.login, replaces: found.replaces ?? 'nothing' };
    await storeAgain(record.id, place, waiting, () => true);
    expect(heldOf(await place.storeOf(record).read())).toEqual(heldOf(end.login));
    expect(await place.emergency.read(record.id)).toBeNull();
  });

  test('and of an account that has gone meanwhile is not stored again, and waits no more', async () => {
    const place = await setUp();
    const end = await place.renew({}, takingNothing(place.store));
    if (end.kind !== 'renewed' || end.unstored === null) throw new Error(`it is ${end.kind}`);
    await place.keeper.remove(record.id, record.store);
    const waiting = { login: end.login, replaces: end.unstored.replaces };
    await storeAgain(record.id, place, waiting, () => false);
    expect(await place.store.read()).toBeNull();
    expect(await place.emergency.read(record.id)).toBeNull();
  });

  test('nor where nothing can be written at all, as long as it is in memory', async () => {
    const place = await setUp();
    const emergency = { ...place.emergency, write: () => Promise.reject(new Error('ENOSPC')) };
    const parts = { ...place, emergency, account: record.id };
    const oauth = () => ({ tokenUrl: place.oauth.tokenUrl, clientId: 'client' });
    const wish = { replace: null, ended: null, unstored: null, isWanted: () => true };
    const end = await refreshLogin({ ...parts, oauth, store: takingNothing(place.store) }, wish);
    if (end.kind !== 'renewed' || end.unstored === null) throw new Error(`it is ${end.kind}`);
    expect(end.unstored.spilled).toBe(false);
    expect(journalOf(place)).toEqual([`${record.id}.json`]);
    const unstored = { login: end.login, replaces: end.unstored.replaces };
    const next = await refreshLogin({ ...parts, oauth, store: place.store }, { ...wish, unstored });
    expect(next).toMatchObject({ kind: 'renewed', unstored: null });
    expect(place.oauth.reuses).toBe(0);
  });

  test('and a new sign-in after it wins over what waits', async () => {
    const place = await setUp();
    const end = await place.renew({}, takingNothing(place.store));
    const fresh = await place.signIn(record, hour);
    const found = await place.renew();
    expect([end.kind, found.kind]).toEqual(['renewed', 'found']);
    expect(found.kind === 'found' && heldOf(found.login)).toMatchObject(fresh);
  });
});
