import * as crypto from 'node:crypto';
import { promisify } from 'node:util';

// How a key comes from a passphrase. The parameters stand in the file, which anybody may have written: they are held
// between what is safe against guessing (OWASP's minimum) and what a machine can bear.

export const saltLength = 16;
export const keyLength = 32;

/** `random` is no derivation: the key lies in a file of its own. */
export const kdfNames = ['random', 'scrypt', 'argon2id'] as const;
export type KdfName = (typeof kdfNames)[number];

/** scrypt: N, r, p. argon2id: memory in KiB, passes, lanes. random: zeros. */
export type KdfParameters = readonly [number, number, number];
export type Kdf = { name: KdfName; parameters: KdfParameters };

type Row = {
  /** What a new file is made with. */
  standard: KdfParameters;
  /** Why these parameters are refused; null when they are not. */
  problem(parameters: KdfParameters): string | null;
  /** Whether this Node has it. */
  exists(): boolean;
  derive(passphrase: Uint8Array, salt: Uint8Array, parameters: KdfParameters): Promise<Buffer>;
};

const mostMemory = 1024 ** 3;

const outside = (text: string): string => `its key is derived with ${text}, which is out of bounds`;

const scryptMemory = (n: number, r: number): number => 128 * n * r;

const deriveScrypt: Row['derive'] = (passphrase, salt, [n, r, p]) =>
  new Promise((resolve, reject) => {
    // Its memory, and as much again as the parallel blocks need; Node's own limit is 32 MiB.
    const maxmem = scryptMemory(n, r) + 128 * r * p + 1024 * 1024;
    crypto.scrypt(passphrase, salt, keyLength, { N: n, r, p, maxmem }, (error, key) => {
      if (error === null) resolve(key);
      else reject(error);
    });
  });

type Argon2 = (
  algorithm: 'argon2id',
  parameters: {
    message: Uint8Array;
    nonce: Uint8Array;
    parallelism: number;
    tagLength: number;
    memory: number;
    passes: number;
  },
  done: (error: Error | null, key: Buffer) => void,
) => void;

/** Node 24.7 and later; the types of the oldest Node that we run on do not know it. */
const { argon2 } = crypto as { argon2?: Argon2 };

const rows: Record<KdfName, Row> = {
  random: {
    standard: [0, 0, 0],
    problem: (parameters) => (parameters.some((value) => value !== 0) ? outside('parameters') : null),
    exists: () => true,
    derive: () => Promise.reject(new Error('a random key is not derived')),
  },
  scrypt: {
    // OWASP's first choice, 128 MiB.
    standard: [2 ** 17, 8, 1],
    problem: ([n, r, p]) => {
      const sound = Number.isInteger(Math.log2(n)) && n >= 2 ** 17 && r >= 8 && r <= 64 && p >= 1 && p <= 4;
      return sound && scryptMemory(n, r) <= mostMemory ? null : outside(`scrypt N=${n} r=${r} p=${p}`);
    },
    exists: () => true,
    derive: deriveScrypt,
  },
  argon2id: {
    // RFC 9106, second recommendation, with one lane as JavaScript has one thread to wait with.
    standard: [64 * 1024, 3, 1],
    problem: ([memory, passes, lanes]) => {
      const enough = memory >= 19 * 1024 && passes >= 2 && lanes >= 1;
      const bearable = memory * 1024 <= mostMemory && passes <= 16 && lanes <= 16;
      return enough && bearable ? null : outside(`argon2id ${memory} KiB, ${passes} passes, ${lanes} lanes`);
    },
    exists: () => argon2 !== undefined,
    derive: (message, nonce, [memory, passes, parallelism]) => {
      if (argon2 === undefined) return Promise.reject(new Error('this Node.js has no argon2id'));
      const parameters = { message, nonce, parallelism, tagLength: keyLength, memory, passes };
      return promisify(argon2)('argon2id', parameters);
    },
  },
};

/** A derivation with the parameters that new files get. */
export const standardKdf = (name: KdfName): Kdf => ({ name, parameters: rows[name].standard });

/** Why such a derivation is refused, in words for the end of a sentence; null when it is not. Costs nothing. */
export const kdfProblem = ({ name, parameters }: Kdf): string | null => rows[name].problem(parameters);

/** Whether this Node can do it. */
export const kdfExists = (name: KdfName): boolean => rows[name].exists();

export type DeriveKey = (kdf: Kdf, passphrase: Uint8Array, salt: Uint8Array) => Promise<Buffer>;

/**
 * The key that the passphrase gives: 32 bytes, after half a second or so on a thread of the pool. Rejects for `random`, and
 * before any memory is taken for parameters out of bounds.
 */
export const deriveKey: DeriveKey = async (kdf, passphrase, salt) => {
  const problem = kdfProblem(kdf);
  if (problem !== null) throw new Error(problem);
  return rows[kdf.name].derive(passphrase, salt, kdf.parameters);
};
