import { digestKey } from '../../source/credentials/key-pepper.ts';
import { unlimited, type ClientKeyRecord, type KeyLimits } from '../../source/shared/client-key.ts';
import { keyRecord } from '../kit/records.ts';

let count = 0;

/** What is kept of a key with these limits. */
export const clientKey = (pepper: Buffer, key: string, limits: Partial<KeyLimits>): ClientKeyRecord => {
  count += 1;
  const hash = digestKey(pepper, key).toString('base64');
  return keyRecord(`laptop-${count}`, { hash, limits: { ...unlimited, ...limits } });
};
