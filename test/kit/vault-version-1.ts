import { createCipheriv, randomBytes } from 'node:crypto';

/** The bytes of a vault as version 1 of its format had them; nothing of ours writes them any more. */
export const vaultOfVersion1 = (
  key: Uint8Array,
  generation: number,
  secrets: ReadonlyMap<string, string>,
): Buffer => {
  const header = Buffer.alloc(26);
  header.write('CCRVAULT\u0001\u0001', 'latin1');
  header.writeUInt32BE(generation, 10);
  header.set(randomBytes(12), 14);
  const cipher = createCipheriv('aes-256-gcm', key, header.subarray(14), { authTagLength: 16 });
  cipher.setAAD(header);
  const body = [cipher.update(JSON.stringify([...secrets])), cipher.final()];
  return Buffer.concat([header, ...body, cipher.getAuthTag()]);
};
