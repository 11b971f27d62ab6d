import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeCertificate, type MadeCertificate } from '../../source/commands/make-certificate.ts';
import { asEpoch } from '../../source/shared/types.ts';

const dayMs = 86_400_000;

/** A certificate for this machine that began so many days ago. */
export const certificate = (begunDaysAgo = 0, days = 30): Promise<MadeCertificate> =>
  makeCertificate({
    hosts: ['localhost', '127.0.0.1'],
    days,
    now: asEpoch(Date.now() - begunDaysAgo * dayMs),
  });

/** Puts the pair into the folder, the key for its owner alone, and says where. */
export const putPair = (
  folder: string,
  { cert, key }: Pick<MadeCertificate, 'cert' | 'key'>,
  mode = 0o600,
): { cert: string; key: string } => {
  const files = { cert: join(folder, 'cert.pem'), key: join(folder, 'key.pem') };
  writeFileSync(files.cert, cert);
  writeFileSync(files.key, key, { mode });
  chmodSync(files.key, mode);
  return files;
};
