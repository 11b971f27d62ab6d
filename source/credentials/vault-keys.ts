import { hash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { CcrError } from '../shared/errors.ts';
import type { Secret } from '../shared/secret.ts';
import { bytesOfSecret } from '../shared/secret-bytes.ts';
import { deriveKey, kdfExists, type DeriveKey, type Kdf } from './key-derivation.ts';
import { unwrapKey, type KeySlot, type SealedKind } from './vault-format.ts';

/** Where a passphrase comes from. */
export type PassphraseSource = {
  /** The one that is there without a person (a file); null when there is none. Throws a CcrError for a file that will not do. */
  atHand(): Secret | null;
  /** Asks a person; null when that one gives up. Left out: nobody is there. */
  ask?(): Promise<Secret | null>;
  /** What to say when there is none. */
  locked?: () => CcrError;
};

/** No passphrase, and nobody to ask. */
export const noPassphrase: PassphraseSource = { atHand: () => null };

export type VaultKeysOptions = {
  passphrase: PassphraseSource;
  kind?: SealedKind;
  derive?: DeriveKey;
  /** Milliseconds, of a clock that is never set. */
  monotonic?: () => number;
  wait?: (ms: number) => Promise<unknown>;
};

/** The keys that passphrases give. Each is derived once and stays in memory as long as the process lives. */
export type VaultKeys = {
  /** The key that opens this slot, if it was derived already. */
  atHand(slot: KeySlot): Buffer | null;
  /** Comes by the key that opens this slot. Rejects with `vault_locked`, `wrong_passphrase`, or what a passphrase file has wrong. */
  obtain(slot: KeySlot): Promise<void>;
  /** As `obtain`, with this passphrase; `locked` for a while after wrong ones. */
  unlock(slot: KeySlot, passphrase: Secret): Promise<void>;
  /** Makes the key of a new slot. */
  create(kdf: Kdf, passphrase: Secret, salt: Buffer): Promise<Buffer>;
  /** Puts a key where `atHand` finds it. */
  remember(slot: Pick<KeySlot, 'kdf' | 'salt'>, key: Buffer): void;
  /** For a new vault: the passphrase that is there without a person. */
  passphraseAtHand(): Secret | null;
};

const standardLocked = (): CcrError =>
  new CcrError('vault_locked', 'the vault is locked', {
    hint: 'give its passphrase: --passphrase-file FILE, or type it in a terminal',
  });

const wrongPassphrase = (): CcrError =>
  new CcrError('wrong_passphrase', 'the passphrase is wrong', { hint: 'nothing was changed; try again' });

const askedTimes = 3;
const longestDelayMs = 60_000;

/** What tells one slot's key from another's: passphrases changed meanwhile have another salt. */
const nameOf = ({ kdf, salt }: Pick<KeySlot, 'kdf' | 'salt'>): string =>
  [kdf.name, ...kdf.parameters, salt.toString('hex')].join(' ');

type Tries = Pick<VaultKeys, 'atHand' | 'create' | 'remember'> & {
  /** Whether the passphrase is that of the slot; its key is at hand then. */
  attempt(slot: KeySlot, passphrase: Secret): Promise<boolean>;
  /** How long to wait before the next one, in milliseconds; after wrong ones more than 0. */
  left(): number;
  /** The next attempt is made, whatever is known of it. */
  forgetWrong(): void;
};

const keyMaker =
  (derive: DeriveKey): VaultKeys['create'] =>
  async (kdf, passphrase, salt) => {
    if (!kdfExists(kdf.name)) {
      throw new CcrError('store_unavailable', `this Node.js has no ${kdf.name}`, {
        hint: 'use Node.js 24.7 or newer',
      });
    }
    const bytes = bytesOfSecret(passphrase);
    try {
      return await derive(kdf, bytes, salt);
    } finally {
      bytes.fill(0);
    }
  };

const countTries = (kind: SealedKind, derive: DeriveKey, monotonic: () => number): Tries => {
  let known: { name: string; key: Buffer } | null = null;
  /** Slot and passphrase that do not fit, so that ten accounts do not cost ten derivations. */
  let wrong: string | null = null;
  let wrongInARow = 0;
  let notBefore = Number.NEGATIVE_INFINITY;
  const create = keyMaker(derive);
  const remember: Tries['remember'] = (slot, key) => {
    known = { name: nameOf(slot), key };
  };
  return {
    create,
    remember,
    atHand: (slot) => {
      if (known?.name !== nameOf(slot)) return null;
      return unwrapKey(kind, slot, known.key) === null ? null : known.key;
    },
    left: () => notBefore - monotonic(),
    forgetWrong: () => {
      wrong = null;
    },
    attempt: async (slot, passphrase) => {
      const print = hash('sha256', `${nameOf(slot)}\0${passphrase.reveal()}`, 'hex');
      if (print === wrong) return false;
      const key = await create(slot.kdf, passphrase, slot.salt);
      if (unwrapKey(kind, slot, key) === null) {
        wrong = print;
        wrongInARow += 1;
        notBefore = monotonic() + Math.min(longestDelayMs, 500 * 2 ** wrongInARow);
        return false;
      }
      wrongInARow = 0;
      notBefore = Number.NEGATIVE_INFINITY;
      remember(slot, key);
      return true;
    },
  };
};

/** See `VaultKeys`. One derivation runs at a time: each takes 64 MiB and more. */
export const createVaultKeys = (options: VaultKeysOptions): VaultKeys => {
  const { passphrase: source, kind = 'vault', derive = deriveKey } = options;
  const { monotonic = () => performance.now(), wait = (ms) => sleep(ms) } = options;
  const tries = countTries(kind, derive, monotonic);
  let tail: Promise<unknown> = Promise.resolve();
  const alone = <T>(work: () => Promise<T>): Promise<T> => {
    const turn = tail.then(work);
    tail = turn.catch(() => {});
    return turn;
  };

  const askFor = async (slot: KeySlot, ask: () => Promise<Secret | null>): Promise<void> => {
    for (let time = 1; time <= askedTimes; time += 1) {
      const typed = await ask();
      if (typed === null) throw (source.locked ?? standardLocked)();
      if (await tries.attempt(slot, typed)) return;
      if (time < askedTimes) await wait(tries.left());
    }
    throw wrongPassphrase();
  };

  return {
    ...tries,
    passphraseAtHand: () => source.atHand(),
    obtain: (slot) =>
      alone(async () => {
        if (tries.atHand(slot) !== null) return;
        const given = source.atHand();
        if (given !== null) {
          if (await tries.attempt(slot, given)) return;
          throw wrongPassphrase();
        }
        if (source.ask === undefined) throw (source.locked ?? standardLocked)();
        await askFor(slot, source.ask);
      }),
    unlock: (slot, passphrase) =>
      alone(async () => {
        // When its turn has come: one before it may have been wrong.
        const left = tries.left();
        if (left > 0) {
          const hint = `wait ${Math.ceil(left / 1000)} s`;
          throw new CcrError('locked', 'a wrong passphrase was given just now', { hint });
        }
        tries.forgetWrong();
        if (!(await tries.attempt(slot, passphrase))) throw wrongPassphrase();
      }),
  };
};
