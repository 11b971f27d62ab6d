import type { DatabaseSync, SQLInputValue } from 'node:sqlite';

// Heads and bodies lie in a table of their own, one row for each request, encrypted: nothing of them but their time and size
// can be read without the key.

/** One capture as the table has it. */
export type SealedCapture = {
  id: string;
  at: number;
  /** Which key it was sealed with; see `keyIdOf`. */
  keyId: string;
  nonce: Uint8Array;
  sealed: Uint8Array;
};

/** Adds a capture; one that is there already stays as it is. */
export const insertCapture =
  'insert or ignore into captures (id, at, bytes, key_id, nonce, sealed) values (?, ?, ?, ?, ?, ?)';

/** The parameters of `insertCapture`. */
export const toCaptureRow = ({ id, at, keyId, nonce, sealed }: SealedCapture): SQLInputValue[] => [
  id,
  at,
  sealed.length,
  keyId,
  nonce,
  sealed,
];

const noBytes = new Uint8Array(0);
const bytesOf = (value: unknown): Uint8Array => (value instanceof Uint8Array ? value : noBytes);

/** What is kept of that request; null when nothing is. */
export const readSealed = (database: DatabaseSync, id: string): SealedCapture | null => {
  const row = database.prepare('select at, key_id, nonce, sealed from captures where id = ?').get(id);
  if (row === undefined) return null;
  const { at, key_id: keyId, nonce, sealed } = row;
  return {
    id,
    at: typeof at === 'number' ? at : 0,
    keyId: typeof keyId === 'string' ? keyId : '',
    nonce: bytesOf(nonce),
    sealed: bytesOf(sealed),
  };
};

/** Bytes of all captures together. */
export const captureBytes = (database: DatabaseSync): number => {
  const { bytes } = database.prepare('select sum(bytes) as bytes from captures').get() ?? {};
  return typeof bytes === 'number' ? bytes : 0;
};

// Each is larger than many requests.
const stepRows = 16;

/** Removes some of the oldest captures of before that time. Returns whether there were any. */
export const removeOldestCaptures = (database: DatabaseSync, before = Number.MAX_SAFE_INTEGER): boolean => {
  const { changes } = database
    .prepare(
      `delete from captures where rowid in
         (select rowid from captures where at < ? order by at, rowid limit ${stepRows})`,
    )
    .run(before);
  return Number(changes) > 0;
};
