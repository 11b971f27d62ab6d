import { randomUUID } from 'node:crypto';
import { limitChecks, maxKeys, parseKeyName } from '../config/client-key-record.ts';
import type { Check } from '../config/checks.ts';
import type { Document } from '../config/document.ts';
import { nearest } from '../config/nearest.ts';
import type { ClientKeyKind, ClientKeyRecord, KeyLimits } from '../shared/client-key.ts';
import type { Clock } from '../shared/clock.ts';
import { CcrError } from '../shared/errors.ts';
import { sanitize } from '../shared/sanitize.ts';
import type { Secret } from '../shared/secret.ts';
import { asEpoch, type AccountRecord, type EpochMs } from '../shared/types.ts';
import { decidedStore } from './decided-store.ts';
import type { KeyHasher } from './key-pepper.ts';

export type NewKey = {
  name: string;
  kind: ClientKeyKind;
  limits: KeyLimits;
  process: ClientKeyRecord['process'];
};

/** The keys of clients of this installation: their records in config.json. */
export type KeyBook = {
  /**
   * Keeps the hash of a new key. The name of a `run` key that is taken gets a number; a `connect` key takes the place of an
   * earlier one. `notice` must be shown. Rejects with `usage`, `duplicate_key`, `unknown_account`, or what store and file say.
   */
  create(wanted: NewKey, key: Secret): Promise<{ record: ClientKeyRecord; notice: string | null }>;
  /** Puts another key in the place of one; the old one stays valid for `graceMs`. `unknown_key`. */
  rotate(
    name: string,
    key: Secret,
    graceMs: number,
  ): Promise<{ record: ClientKeyRecord; notice: string | null }>;
  /** The key opens nothing any more. `unknown_key`. */
  revoke(name: string, kind: ClientKeyKind | null): Promise<ClientKeyRecord>;
  /** Forgets `run` keys whose process has ended; writes nothing when there are none. */
  endRuns(isOver: (process: NonNullable<ClientKeyRecord['process']>) => boolean): Promise<void>;
  /** Writes down when keys were used last, by id. */
  noteUses(uses: ReadonlyMap<string, EpochMs>): Promise<void>;
};

export type KeyBookOptions = {
  document: Pick<Document, 'updateClientKeys'>;
  hasher: KeyHasher;
  /** Runs the work while no other process of this home makes a key. */
  alone: <T>(work: () => Promise<T>) => Promise<T>;
  clock: Pick<Clock, 'now'>;
  /** Keys and accounts as they are now. */
  read: () => { clientKeys: readonly ClientKeyRecord[]; accounts: readonly AccountRecord[] };
  newId?: () => string;
};

const isLive = ({ revokedAt }: ClientKeyRecord): boolean => revokedAt === null;

/** The key of that name, else of that id, that is not revoked. Throws `unknown_key` with the nearest name. */
const findKey = (
  keys: readonly ClientKeyRecord[],
  wanted: string,
  kind: ClientKeyKind | null = null,
): ClientKeyRecord => {
  const live = keys.filter((key) => isLive(key) && (kind === null || key.kind === kind));
  const found = live.find(({ name }) => name === wanted) ?? live.find(({ id }) => id === wanted);
  if (found !== undefined) return found;
  const near = nearest(
    wanted,
    live.map(({ name }) => name),
  );
  throw new CcrError('unknown_key', `there is no key ${sanitize(wanted, 64)}`, {
    hint: near === null ? 'ccr-tui key list shows them' : `did you mean ${near}?`,
  });
};

const usage = (what: string, hint: string): CcrError => new CcrError('usage', what, { hint });

/** The name and the limits, if they are sound. Throws `usage`, or `unknown_account` for an account that is not there. */
const checkNewKey = (
  { name, limits }: Pick<NewKey, 'name' | 'limits'>,
  accounts: readonly Pick<AccountRecord, 'name'>[],
): void => {
  const checked = parseKeyName(name);
  if (!checked.ok) throw usage(checked.what, checked.fix);
  for (const [field, check] of Object.entries<Check<unknown>>(limitChecks)) {
    const value = limits[field as keyof KeyLimits];
    const fits = value === null ? null : check.parse(value);
    if (fits !== null && !fits.ok) throw usage(`${field}: ${fits.what}`, fits.fix);
  }
  for (const wanted of limits.accounts ?? []) {
    if (accounts.some((account) => account.name === wanted)) continue;
    const near = nearest(
      wanted,
      accounts.map((account) => account.name),
    );
    throw new CcrError('unknown_account', `there is no account ${sanitize(wanted, 64)}`, {
      hint: near === null ? 'ccr-tui account list shows them' : `did you mean ${near}?`,
    });
  }
};

const duplicate = (name: string): CcrError =>
  new CcrError('duplicate_key', `there already is a key ${name}`, {
    hint: `choose another name, or end it first: ccr-tui key revoke ${name}`,
  });

/** A name that no other key has: the wanted one, or with a number behind it. */
const freeName = (keys: readonly ClientKeyRecord[], wanted: string): string => {
  const taken = new Set(keys.filter(isLive).map(({ name }) => name));
  if (!taken.has(wanted)) return wanted;
  for (let number = 2; ; number += 1) {
    const name = `${wanted.slice(0, 58)}-${number}`;
    if (!taken.has(name)) return name;
  }
};

/** The others, with room for one more: revoked ones give way, the oldest first. */
const withRoom = (keys: readonly ClientKeyRecord[]): readonly ClientKeyRecord[] => {
  if (keys.length < maxKeys) return keys;
  const revoked = keys.findIndex((key) => !isLive(key));
  if (revoked === -1) {
    throw new CcrError('failed', `there are ${maxKeys} keys already`, {
      hint: 'revoke one that is not needed',
    });
  }
  return keys.toSpliced(revoked, 1);
};

/** The list with the new key in it. Runs while nobody else can write. */
const added = (keys: readonly ClientKeyRecord[], fresh: ClientKeyRecord): ClientKeyRecord[] => {
  const { name, kind } = fresh;
  const same = keys.find((key) => isLive(key) && key.name === name);
  if (kind === 'run') return [...withRoom(keys), { ...fresh, name: freeName(keys, name) }];
  if (same !== undefined && !(kind === 'connect' && same.kind === 'connect')) throw duplicate(name);
  return [...withRoom(keys.filter((key) => key !== same)), fresh];
};

const unused = { previous: null, lastUsedAt: null, revokedAt: null };

/** Changes one key, or takes it out (null). Throws `unknown_key`. */
const replace = async (
  { document }: Pick<KeyBookOptions, 'document'>,
  wanted: { name: string; kind: ClientKeyKind | null },
  change: (record: ClientKeyRecord) => ClientKeyRecord | null,
): Promise<ClientKeyRecord> => {
  const place: { found: ClientKeyRecord | null } = { found: null };
  await document.updateClientKeys((keys) => {
    const before = findKey(keys, wanted.name, wanted.kind);
    const after = change(before);
    place.found = after ?? before;
    return keys.flatMap((key) => {
      if (key !== before) return [key];
      return after === null ? [] : [after];
    });
  });
  if (place.found === null) throw new CcrError('failed', 'the key was not changed');
  return place.found;
};

/** What needs the key itself, for a moment. */
const makingOf = (options: KeyBookOptions): Pick<KeyBook, 'create' | 'rotate'> => {
  const { document, hasher, alone, clock, read, newId = randomUUID } = options;

  const hashed = (key: Secret) => {
    const { clientKeys, accounts } = read();
    // By the pepper that the other keys were hashed with; the first one goes where the accounts' secrets are.
    return hasher.hash(key, {
      store: clientKeys.at(-1)?.store ?? decidedStore(accounts),
      inUse: clientKeys.some(isLive),
    });
  };

  return {
    create: (wanted, key) =>
      alone(async () => {
        checkNewKey(wanted, read().accounts);
        const id = newId();
        const { notice, ...hash } = await hashed(key);
        const fresh = { id, ...wanted, ...hash, ...unused, createdAt: clock.now() };
        const after = await document.updateClientKeys((keys) => added(keys, fresh));
        const record = after.find((each) => each.id === id);
        if (record === undefined) throw new CcrError('failed', 'the key was not stored');
        return { record, notice };
      }),

    rotate: (name, key, graceMs) =>
      alone(async () => {
        // First of all as a look: nothing is hashed for a key that is not there.
        findKey(read().clientKeys, name);
        const { notice, ...hash } = await hashed(key);
        const until = asEpoch(clock.now() + graceMs);
        const record = await replace(options, { name, kind: null }, (before) => ({
          ...before,
          ...hash,
          previous: graceMs > 0 ? { hash: before.hash, until } : null,
        }));
        return { record, notice };
      }),
  };
};

/** See `KeyBook`. Knows no globals. */
export const createKeyBook = (options: KeyBookOptions): KeyBook => {
  const { document, clock, read } = options;
  return {
    ...makingOf(options),

    revoke: (name, kind) =>
      replace(options, { name, kind }, (before) =>
        // What nobody made by hand needs no trace: it would only pile up.
        before.kind === 'user' ? { ...before, previous: null, revokedAt: clock.now() } : null,
      ),

    endRuns: async (isOver) => {
      const over = read().clientKeys.filter(({ process }) => process !== null && isOver(process));
      if (over.length === 0) return;
      const ids = new Set(over.map(({ id }) => id));
      await document.updateClientKeys((keys) => keys.filter(({ id }) => !ids.has(id)));
    },

    noteUses: async (uses) => {
      if (uses.size === 0) return;
      await document.updateClientKeys((keys) =>
        keys.map((key) => ({ ...key, lastUsedAt: uses.get(key.id) ?? key.lastUsedAt })),
      );
    },
  };
};
