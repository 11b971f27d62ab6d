import { createHmac } from 'node:crypto';
import { existsSync, lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readConfigFile } from '../../source/config/config-file.ts';
import { resolvePaths } from '../../source/config/paths.ts';
import { createVault } from '../../source/credentials/vault.ts';
import type { ClientKeyRecord } from '../../source/shared/client-key.ts';

/** A home and the folder of a client, below one root. */
export type Place = { root: string; home: string; program: Program; client: string; settings: string };

const settingsOf = { 'claude-code': 'settings.json', codex: 'config.toml' };
export type Program = keyof typeof settingsOf;

export const placeIn = (root: string, program: Program = 'claude-code'): Place => {
  const client = join(root, 'client');
  return { root, home: join(root, 'home'), program, client, settings: join(client, settingsOf[program]) };
};

/** Names in a folder; none when it is not there. */
export const filesIn = (folder: string): string[] => (existsSync(folder) ? readdirSync(folder) : []);

export const contentOf = ({ settings }: Pick<Place, 'settings'>): string | null =>
  existsSync(settings) ? readFileSync(settings, 'utf8') : null;

/** What lies in and at the client's folder; null when there is none. */
export const stateOf = (place: Place): unknown => {
  const { client, settings } = place;
  if (!existsSync(client)) return null;
  const { mode, uid, gid } = existsSync(settings) ? lstatSync(settings) : { mode: 0, uid: 0, gid: 0 };
  return { names: readdirSync(client), mode, uid, gid, text: contentOf(place) };
};

/** The key of ours in a text. */
export const tokenIn = (text: string | null): string | null => /ccr_[\w-]{43}/.exec(text ?? '')?.[0] ?? null;

/** The keys that config.json holds. Throws when it is not sound. */
export const keysOf = ({ home }: Place): ClientKeyRecord[] => {
  const { clientKeys, problems } = readConfigFile(join(home, 'config.json'));
  if (problems.length > 0) throw new Error(problems.join('\n'));
  return clientKeys;
};

/** Whether the proxy of that home would let the key in, by what lies on the disk. */
export const opens = async (place: Place, token: string): Promise<boolean> => {
  const pepper = await createVault(resolvePaths({ CCR_TUI_HOME: place.home })).get('keys/pepper');
  if (pepper === null) return false;
  const hash = createHmac('sha256', Buffer.from(pepper.reveal(), 'base64')).update(token).digest('base64');
  return keysOf(place).some((key) => key.hash === hash && key.revokedAt === null);
};
