import { existsSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { isIP } from 'node:net';
import { writeDurably } from '../config/durable-file.ts';
import { ensureFolder, resolvePaths } from '../config/paths.ts';
import { hostName } from '../config/checks.ts';
import { loadSettings } from '../config/settings.ts';
import type { Config } from '../config/schema.ts';
import { CcrError } from '../shared/errors.ts';
import { sanitize } from '../shared/sanitize.ts';
import { systemCode } from '../shared/system-code.ts';
import { writeSetting } from './config-write.ts';
import type { CommandContext } from './context.ts';
import { makeCertificate } from './make-certificate.ts';
import type { GivenOptions } from './parse-command-line.ts';
import { printJson, printLines } from './print.ts';

const usualDays = 397;
/** What Apple's systems take from an issuer that a person has added. */
const mostDays = 825;

const daysOf = ({ days }: GivenOptions): number => {
  if (days === undefined) return usualDays;
  const number = typeof days === 'string' && /^\d{1,4}$/.test(days) ? Number(days) : 0;
  if (number >= 1 && number <= mostDays) return number;
  throw new CcrError('usage', `--days: wanted a number of days, got ${sanitize(String(days), 40)}`, {
    hint: `use a whole number from 1 to ${mostDays}`,
  });
};

/** A name or an address without brackets and port; null when it is none, or stands for every address. */
const bareHost = (text: string): string | null => {
  if (isIP(text) !== 0) return /^(?:0\.0\.0\.0|::)$/.test(text) ? null : text;
  const checked = hostName.parse(text);
  return checked.ok ? checked.value.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1') : null;
};

/** What the command line names, else what this machine and the settings call it; always the loopback names. */
const hostsOf = ({ host }: GivenOptions, { host: listening, allowedHosts }: Config): string[] => {
  const names = typeof host === 'string' ? host.split(',').map((name) => name.trim()) : null;
  for (const name of names ?? []) {
    if (bareHost(name) !== null) continue;
    throw new CcrError('usage', `--host: ${sanitize(name, 60)} is not a host`, {
      hint: 'use names such as dev.local or addresses such as 192.168.1.20, separated by commas',
    });
  }
  const others = names ?? [hostname(), listening, ...allowedHosts];
  const found = ['localhost', '127.0.0.1', '::1', ...others].map((name) => bareHost(name));
  return [...new Set(found.filter((name) => name !== null))];
};

/** `tls self-signed`: makes a key and a certificate, stores both for their owner alone, and sets the settings. */
export const run = async (context: CommandContext): Promise<number> => {
  const { options, env, stdout, clock } = context;
  const paths = resolvePaths(env);
  const { config } = loadSettings({ paths, env, flags: {} });
  const files = { cert: join(paths.home, 'tls-cert.pem'), key: join(paths.home, 'tls-key.pem') };
  const hosts = hostsOf(options, config);
  const made = await makeCertificate({ hosts, days: daysOf(options), now: clock.now() });
  const replaced = existsSync(files.cert);
  for (const folder of paths.folders) ensureFolder(folder);
  try {
    writeDurably(files.key, Buffer.from(made.key));
    writeDurably(files.cert, Buffer.from(made.cert));
  } catch (error) {
    throw new CcrError('failed', `cannot write the certificate (${systemCode(error)})`, { cause: error });
  }
  let restart = false;
  for (const name of ['cert', 'key'] as const) {
    if (config.tls[name] === files[name]) continue;
    restart =
      (await writeSetting(context, { key: `tls.${name}`, value: files[name], unset: false })) || restart;
  }
  const { fingerprint } = made;
  const expiresAt = new Date(made.expiresAt).toISOString();
  if (options['json'] === true) {
    await printJson(stdout, { ...files, hosts, fingerprint, expiresAt, restart });
    return 0;
  }
  await printLines(stdout, [
    `${replaced ? 'replaced' : 'wrote'} ${files.cert} and ${files.key}`,
    `for ${hosts.join(', ')}; ends on ${expiresAt.slice(0, 10)}`,
    `SHA-256 ${fingerprint}`,
    `tls.cert and tls.key are set${restart ? ' (take effect at the next start)' : ''}`,
    `clients trust it with NODE_EXTRA_CA_CERTS=${files.cert}; on another machine, copy this file and compare the SHA-256`,
  ]);
  return 0;
};
