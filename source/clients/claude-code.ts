import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { Secret } from '../shared/secret.ts';
import type { ClientEdit, Slots, Wish } from './client-edit.ts';
import { conflictVariables } from './conflicts.ts';
import { readMembers, removeMember, restoreEmpty, saysNothing, setMember } from '../config/json-edit.ts';

// Claude Code takes what stands under `env` in its settings before the environment of the shell. Its reader is strict:
// one comment or comma too many, and nothing in the file is in effect (seen with 2.1.330); so ours is as strict.
const group = 'env';
const urlKey = 'ANTHROPIC_BASE_URL';
const tokenKey = 'ANTHROPIC_AUTH_TOKEN';
const keys = [urlKey, tokenKey];

const slot = (key: string): string => `${group}.${key}`;

const valuesFor = ({ origin, token }: Wish): [key: string, raw: string][] => [
  [urlKey, JSON.stringify(origin)],
  [tokenKey, JSON.stringify(token.reveal())],
];

const restoreKey = (text: string, original: string, key: string): string => {
  const before = readMembers(original, group, [key]);
  const [member] = before.ok ? before.members : [];
  return member === undefined ? removeMember(text, group, key) : setMember(text, group, [key, member.raw]);
};

/** `settings.json` of Claude Code. */
export const claudeCode: ClientEdit = {
  read(text) {
    const reading = readMembers(text, group, keys);
    if (!reading.ok) return reading;
    return {
      ok: true,
      slots: new Map(reading.members.map(({ key, value }) => [slot(key), JSON.stringify(value)])),
    };
  },
  wished: (wish) => new Map(valuesFor(wish).map(([key, raw]) => [slot(key), raw])),
  write(text, wish) {
    const reading = readMembers(text, group, keys);
    if (!reading.ok) return reading;
    return { ok: true, text: valuesFor(wish).reduce((done, entry) => setMember(done, group, entry), text) };
  },
  restore(text, original, slots) {
    const restored = keys
      .filter((key) => slots.includes(slot(key)))
      .reduce((done, key) => restoreKey(done, original, key), text);
    return restoreEmpty(restored, group, original);
  },
  saysNothing,
  tokenIn(slots: Slots) {
    const raw = slots.get(slot(tokenKey));
    const value: unknown = raw === undefined ? null : JSON.parse(raw);
    return typeof value === 'string' ? new Secret(value) : null;
  },
  mask(text, label) {
    const reading = readMembers(text, group, [tokenKey]);
    const present = reading.ok && reading.members.length > 0;
    return present ? setMember(text, group, [tokenKey, JSON.stringify(label)]) : text;
  },
  environment(text) {
    const reading = readMembers(text, group, conflictVariables);
    if (!reading.ok) return {};
    return Object.fromEntries(
      reading.members.map(({ key, value }) => [key, typeof value === 'string' ? value : '']),
    );
  },
  path: (env, dir) =>
    join(resolve(dir ?? (env['CLAUDE_CONFIG_DIR'] || join(homedir(), '.claude'))), 'settings.json'),
};
