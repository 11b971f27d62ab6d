import { describe, expect, test } from 'vitest';
import { keyLength, standardKdf, type DeriveKey } from '../../source/credentials/key-derivation.ts';
import { newContentKey, newId, newSalt, wrapKey } from '../../source/credentials/vault-format.ts';
import { createVaultKeys, type PassphraseSource } from '../../source/credentials/vault-keys.ts';
import { CcrError } from '../../source/shared/errors.ts';
import { Secret } from '../../source/shared/secret.ts';
import { cheapKey } from '../kit/cheap-key.ts';

const right = new Secret('right');
const wrong = new Secret('wrong');
const kdf = standardKdf('scrypt');

const slotFor = async (passphrase: Secret) => {
  const [salt, id] = [newSalt(), newId()];
  const key = await cheapKey(kdf, Buffer.from(passphrase.reveal()), salt);
  return wrapKey('vault', { kdf, salt, id }, key, newContentKey());
};

const keysWith = (passphrase: PassphraseSource) => {
  let [derived, now] = [0, 0];
  const waits: number[] = [];
  const derive: DeriveKey = (...given) => {
    derived += 1;
    return cheapKey(...given);
  };
  const keys = createVaultKeys({
    passphrase,
    derive,
    monotonic: () => now,
    wait: async (ms) => {
      waits.push(ms);
      now += ms;
    },
  });
  return { keys, waits, derived: () => derived, pass: (ms: number) => (now += ms) };
};

const file = (passphrase: Secret): PassphraseSource => ({ atHand: () => passphrase });
const nobody: PassphraseSource = { atHand: () => null };
const codeOf = (error: unknown): unknown => (error instanceof CcrError ? error.code : error);

describe('the key of a slot', () => {
  test('is derived once, however many ask at the same time', async () => {
    const slot = await slotFor(right);
    const { keys, derived } = keysWith(file(right));
    expect(keys.atHand(slot)).toBeNull();
    await Promise.all(Array.from({ length: 10 }, () => keys.obtain(slot)));
    expect(derived()).toBe(1);
    expect(keys.atHand(slot)).toHaveLength(keyLength);
    expect(keys.atHand(await slotFor(right))).toBeNull();
  });

  test('that a file has the wrong passphrase for is tried once, and said each time', async () => {
    const slot = await slotFor(right);
    const { keys, derived } = keysWith(file(wrong));
    for (let time = 0; time < 3; time += 1) {
      await expect(keys.obtain(slot)).rejects.toMatchObject({
        code: 'wrong_passphrase',
        message: 'the passphrase is wrong',
      });
    }
    expect(derived()).toBe(1);
    await expect(keys.obtain(await slotFor(wrong))).resolves.toBeUndefined();
  });

  test('is locked when there is neither file nor person, in the words of who holds the keys', async () => {
    const slot = await slotFor(right);
    await expect(keysWith(nobody).keys.obtain(slot)).rejects.toMatchObject({ code: 'vault_locked' });
    const locked = () => new CcrError('vault_locked', 'say the word');
    await expect(keysWith({ ...nobody, locked }).keys.obtain(slot)).rejects.toThrow('say the word');
  });
});

describe('a person who is asked', () => {
  test('has three tries, with a growing wait between them', async () => {
    const slot = await slotFor(right);
    const answers = [wrong, new Secret('worse'), right];
    const asked = keysWith({ ...nobody, ask: async () => answers.shift() ?? null });
    await asked.keys.obtain(slot);
    expect(asked.waits).toEqual([1000, 2000]);
    expect(asked.keys.atHand(slot)).not.toBeNull();
  });

  test('is told after the third, and after giving up that it is locked', async () => {
    const slot = await slotFor(right);
    let count = 0;
    const stubborn = keysWith({ ...nobody, ask: async () => new Secret(`guess ${(count += 1)}`) });
    await expect(stubborn.keys.obtain(slot)).rejects.toMatchObject({ code: 'wrong_passphrase' });
    expect(count).toBe(3);
    const gone = keysWith({ ...nobody, ask: async () => null });
    await expect(gone.keys.obtain(slot)).rejects.toMatchObject({ code: 'vault_locked' });
  });
});

describe('unlocking from outside', () => {
  test('is refused for longer and longer after wrong passphrases, and the right one ends that', async () => {
    const slot = await slotFor(right);
    const { keys, derived, pass } = keysWith(nobody);
    const codes: unknown[] = [];
    for (const [passphrase, later] of [
      [wrong, 500],
      [right, 600],
      [wrong, 1500],
      [right, 600],
      [right, 0],
      [right, 0],
    ] as const) {
      codes.push(await keys.unlock(slot, passphrase).then(() => 'open', codeOf));
      pass(later);
    }
    expect(codes).toEqual(['wrong_passphrase', 'locked', 'wrong_passphrase', 'locked', 'open', 'open']);
    expect(derived()).toBe(4);
    expect(keys.atHand(slot)).not.toBeNull();
  });

  test('is refused, too, to those who came while the wrong one was tried', async () => {
    const slot = await slotFor(right);
    const { keys, derived } = keysWith(nobody);
    const guesses = [wrong, new Secret('worse'), new Secret('worst')];
    const codes = await Promise.all(
      guesses.map((guess) => keys.unlock(slot, guess).then(() => 'open', codeOf)),
    );
    expect(codes).toEqual(['wrong_passphrase', 'locked', 'locked']);
    expect(derived()).toBe(1);
  });

  test('waits a minute at most', async () => {
    const slot = await slotFor(right);
    const { keys, pass } = keysWith(nobody);
    for (let time = 0; time < 20; time += 1) {
      await keys.unlock(slot, new Secret(`guess ${time}`)).catch(() => {});
      pass(60_000);
    }
    await expect(keys.unlock(slot, right)).resolves.toBeUndefined();
  });
});
