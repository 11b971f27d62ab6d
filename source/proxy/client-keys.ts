import { timingSafeEqual } from 'node:crypto';
import { isKeyRequired } from '../config/key-requirement.ts';
import type { Config } from '../config/schema.ts';
import type { KeyDigest } from '../credentials/key-pepper.ts';
import {
  keyPattern,
  keyPrefix,
  nameWithoutKey,
  unlimited,
  type ClientKeyRecord,
} from '../shared/client-key.ts';
import type { Clock } from '../shared/clock.ts';
import type { EpochMs, SecretStoreName } from '../shared/types.ts';
import { createCaller, type Caller } from './caller.ts';
import { credentialShown } from './credentials-shown.ts';
import { createMeter, hasBudget, type KeyRefusal, type Meter, type Spending } from './key-limits.ts';
import { createPeppers, type Peppers, type PeppersOptions } from './peppers.ts';

/** `refusal` is null for a key that opens, and where none is needed. */
export type Identified = { caller: Caller; refusal: KeyRefusal | null };

/** The keys of clients as the data plane knows them. */
export type ClientKeys = {
  /** Takes over the records; what was counted for a key that stays is kept. */
  replace(records: readonly ClientKeyRecord[]): void;
  /** Takes over what keys with a daily budget have spent, by id. */
  setSpending(spending: ReadonlyMap<string, Spending>): void;
  /**
   * Who asks, and whether its key is wrong or missing. A promise only while the secret behind the hashes is not at hand,
   * or what the key has spent today is not known.
   */
  identify(rawHeaders: readonly string[], target: string): Identified | Promise<Identified>;
  /** The secret behind the hashes in that store may be another one now. */
  forgetPepper(store: SecretStoreName): void;
};

export type ClientKeysOptions = PeppersOptions & {
  config(): Pick<Config, 'requireClientKey' | 'clientLimits' | 'host' | 'insecureBind'>;
  clock: Clock;
  /**
   * As `setSpending`; left out = nothing yet, null = it is being counted and will be told: until then keys with a daily
   * budget wait.
   */
  spending?: ReadonlyMap<string, Spending> | null;
};

type Key = { record: ClientKeyRecord; caller: Caller; meter: Meter };
/** A hash that opens: of a key as it is now, or as it was before its rotation. */
type Opening = { digest: Buffer; key: Key; until: EpochMs | null };
type Openings = ReadonlyMap<string, readonly Opening[]>;

const wrong = (what: string): KeyRefusal => ({
  code: 'key_wrong',
  message: `${what}; make a key with: ccr-tui key create NAME`,
  headers: {},
});

const missing: KeyRefusal = {
  code: 'key_missing',
  message:
    'This proxy asks for a client key (Authorization: Bearer or x-api-key); make one with: ccr-tui key create NAME',
  headers: {},
};

const uncheckable: KeyRefusal = {
  code: 'internal_error',
  message: 'Client keys cannot be checked: the credential store does not answer.',
  headers: { 'retry-after': '5' },
};

/**
 * Where a digest is looked for. What an attacker can measure of the search is about the digest, and that is made with a
 * secret: a guess that shares its beginning with a key shares nothing with the key's digest. So the search may be
 * quick, and the comparison at its end takes the same time for every two digests.
 */
const placeOf = (digest: string): string => digest.slice(0, 8);

const openingsOf = (keys: Iterable<Key>): Openings => {
  const places = new Map<string, Opening[]>();
  const add = (hash: string, key: Key, until: EpochMs | null): void => {
    const digest = Buffer.from(hash, 'base64');
    const place = placeOf(digest.toString('latin1'));
    places.set(place, [...(places.get(place) ?? []), { digest, key, until }]);
  };
  for (const key of keys) {
    const { hash, previous } = key.record;
    add(hash, key, null);
    if (previous !== null) add(previous.hash, key, previous.until);
  }
  return places;
};

const find = (text: string, openings: Openings, digests: Iterable<KeyDigest>): Opening | null => {
  let found: Opening | null = null;
  for (const digestOf of digests) {
    const digest = digestOf(text);
    for (const opening of openings.get(placeOf(digest)) ?? []) {
      if (timingSafeEqual(opening.digest, Buffer.from(digest, 'latin1'))) found = opening;
    }
  }
  return found;
};

const identifiedBy = ({ key: { caller, record }, until }: Opening, now: EpochMs): Identified => {
  const { revokedAt, limits } = record;
  const over = (what: string): Identified => ({ caller, refusal: wrong(`The key ${caller.name} ${what}`) });
  if (revokedAt !== null) return over('was revoked');
  if (until !== null && until <= now) return over('was replaced by a new one');
  if (limits.expiresAt !== null && limits.expiresAt <= now) return over('has expired');
  return { caller, refusal: null };
};

/** What the records say, made ready for the question whose key this is. */
type Ring = {
  keys: ReadonlyMap<string, Key>;
  openings: Openings;
  stores: readonly SecretStoreName[];
  userKeys: boolean;
};

const emptyRing: Ring = { keys: new Map(), openings: new Map(), stores: [], userKeys: false };

const ringOf = (records: readonly ClientKeyRecord[], makeKey: (record: ClientKeyRecord) => Key): Ring => {
  const keys = new Map(records.map((record) => [record.id, makeKey(record)] as const));
  return {
    keys,
    openings: openingsOf(keys.values()),
    stores: [...new Set(records.map(({ store }) => store))],
    userKeys: records.some(({ kind }) => kind === 'user'),
  };
};

const unknownStores = ({ stores }: Ring, { known }: Peppers): SecretStoreName[] =>
  stores.filter((store) => !known.has(store));

type KnownSpending = {
  of(id: string): Spending | null;
  /** Settles when it is told; null = it is known. */
  awaited(): Promise<void> | null;
  set(next: ReadonlyMap<string, Spending>): void;
};

const keepSpending = (before: ClientKeysOptions['spending'] = new Map()): KnownSpending => {
  let known = before;
  const told = Promise.withResolvers<void>();
  return {
    of: (id) => known?.get(id) ?? null,
    awaited: () => (known === null ? told.promise : null),
    set(next) {
      known = next;
      told.resolve();
    },
  };
};

/** See `ClientKeys`. Holds no global. */
export const createClientKeys = (options: ClientKeysOptions): ClientKeys => {
  const { config, clock } = options;
  const peppers = createPeppers(options);
  let ring = emptyRing;
  const spent = keepSpending(options.spending);

  const makeKey = (record: ClientKeyRecord): Key => {
    const { id, name, limits } = record;
    const meter = ring.keys.get(id)?.meter ?? createMeter();
    const rules = { config, clock, spending: () => spent.of(id) };
    return { record, meter, caller: createCaller(name, limits, meter, rules) };
  };
  const nobody = createCaller(nameWithoutKey, unlimited, createMeter(), {
    config,
    clock,
    spending: () => null,
  });
  const welcome: Identified = { caller: nobody, refusal: null };
  const refused = (refusal: KeyRefusal): Identified => ({ caller: nobody, refusal });

  const isRequired = (): boolean => isKeyRequired(config(), ring.userKeys);
  const check = (text: string): Identified | Promise<Identified> => {
    const found = find(text, ring.openings, peppers.known.values());
    if (found !== null) {
      const awaited = hasBudget(found.key.record.limits) ? spent.awaited() : null;
      return awaited === null ? identifiedBy(found, clock.now()) : awaited.then(() => check(text));
    }
    if (unknownStores(ring, peppers).length > 0) return refused(uncheckable);
    return refused(wrong('This client key is not known here, or was revoked'));
  };

  return {
    replace(records) {
      ring = ringOf(records, makeKey);
      for (const store of unknownStores(ring, peppers)) void peppers.ask(store);
    },
    setSpending: spent.set,
    identify(rawHeaders, target) {
      const shown = credentialShown(rawHeaders, target);
      if (shown.kind === 'none') return isRequired() ? refused(missing) : welcome;
      if (shown.kind === 'unfit') {
        return shown.ours || isRequired() ? refused(wrong(`This request shows ${shown.what}`)) : welcome;
      }
      // Where no key is asked for, whatever a client shows is its own affair; a key of ours still has to be a valid one.
      const { text } = shown;
      if (!text.startsWith(keyPrefix) && !isRequired()) return welcome;
      if (!keyPattern.test(text)) return refused(wrong('This is not a client key'));
      const unknown = unknownStores(ring, peppers);
      if (unknown.length === 0) return check(text);
      return Promise.all(unknown.map((store) => peppers.ask(store))).then(() => check(text));
    },
    forgetPepper: (store) => peppers.forget(store),
  };
};
