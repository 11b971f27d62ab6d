// What lies in vaults and backups: secrets by key.

export type Secrets = ReadonlyMap<string, string>;

/** The bytes to encrypt; the caller wipes them. */
export const secretsToBytes = (secrets: Secrets): Buffer => Buffer.from(JSON.stringify([...secrets]), 'utf8');

const isEntry = (entry: unknown): entry is [string, string] =>
  Array.isArray(entry) && entry.length === 2 && entry.every((part) => typeof part === 'string');

/** What `secretsToBytes` made bytes of, which are wiped; null for anything else. */
export const secretsFromBytes = (bytes: Buffer): Map<string, string> | null => {
  try {
    const parsed: unknown = JSON.parse(bytes.toString('utf8'));
    return Array.isArray(parsed) && parsed.every(isEntry) ? new Map(parsed) : null;
  } catch {
    // The text of a parse error would quote what was encrypted.
    return null;
  } finally {
    bytes.fill(0);
  }
};
