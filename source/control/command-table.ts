import type { Command, CommandArgs, CommandName } from '../shared/commands.ts';
import { keyKinds, type KeyLimits } from '../shared/client-key.ts';
import { sanitize } from '../shared/sanitize.ts';
import { accountKinds } from '../shared/types.ts';

/** `absent` stands for an argument that was left out; without it the argument must be there. */
type Field = { wanted: string; accepts: (value: unknown) => boolean; absent?: null | false };

const textLimit = 4096;
const isText = (value: unknown): boolean => typeof value === 'string' && value.length <= textLimit;
const text: Field = { wanted: `text of at most ${textLimit} characters`, accepts: isText };
const textOrNull: Field = {
  wanted: `${text.wanted}, or null`,
  accepts: (value) => value === null || isText(value),
  absent: null,
};
const numberOrNull: Field = {
  wanted: 'a number, or null',
  accepts: (value) => value === null || Number.isFinite(value),
  absent: null,
};
const flag: Field = {
  wanted: 'true or false',
  accepts: (value) => typeof value === 'boolean',
  absent: false,
};
const kind: Field = {
  wanted: `one of ${accountKinds.join(', ')}`,
  accepts: (value) => accountKinds.some((known) => known === value),
};

const keyKind: Field = {
  wanted: `one of ${keyKinds.join(', ')}`,
  accepts: (value) => keyKinds.some((known) => known === value),
};
const keyKindOrNull: Field = {
  wanted: `${keyKind.wanted}, or null`,
  accepts: (value) => value === null || keyKind.accepts(value),
  absent: null,
};
/** Times that have a form of their own in config.json: years of four digits. */
const isTime = (value: unknown): boolean =>
  typeof value === 'number' && value >= 0 && value < Date.UTC(10_000, 0, 1);
const longestAgeMs = 36_525 * 86_400_000;
const age: Field = {
  wanted: 'a length of time in ms, at most a hundred years',
  accepts: (value) => typeof value === 'number' && value >= 0 && value <= longestAgeMs,
};
const pidOrNull: Field = {
  wanted: 'the number of a process, or null',
  accepts: (value) =>
    value === null || (Number.isInteger(value) && Number(value) > 0 && Number(value) < 2 ** 31),
  absent: null,
};

const isTexts = (value: unknown): boolean =>
  Array.isArray(value) && value.length <= 100 && value.every((item) => isText(item));

/** Whether each limit has its type; whether its value makes sense is for whoever keeps it. */
const limitTypes: Readonly<Record<keyof KeyLimits, (value: unknown) => boolean>> = {
  requestsPerMinute: Number.isFinite,
  concurrent: Number.isFinite,
  dailyUsd: Number.isFinite,
  dailyTokens: Number.isFinite,
  expiresAt: isTime,
  models: isTexts,
  accounts: isTexts,
};
const limits: Field = {
  wanted: 'an object with every limit of a key, or null for it',
  accepts: (value) =>
    typeof value === 'object' &&
    value !== null &&
    Object.keys(value).length === Object.keys(limitTypes).length &&
    Object.entries(limitTypes).every(([key, accepts]) => {
      const item: unknown = Object.hasOwn(value, key) ? (value as Record<string, unknown>)[key] : undefined;
      return item === null || accepts(item);
    }),
};

const depthLimit = 8;
const poison = new Set(['__proto__', 'constructor', 'prototype']);

/** Plain JSON that nobody who copies it can be hurt by: shallow, and without keys that reach a prototype. */
const isHarmless = (value: unknown, depth = 0): boolean => {
  if (typeof value !== 'object' || value === null) return value !== undefined;
  if (depth === depthLimit) return false;
  return Object.entries(value).every(([key, item]) => !poison.has(key) && isHarmless(item, depth + 1));
};
const setting: Field = {
  wanted: `a JSON value at most ${depthLimit} deep`,
  accepts: (value) => isHarmless(value),
};

type Entry<Args> = {
  /** Changes nothing, so that a read-only connection may ask for it. */
  reads: boolean;
  /** Whether it may come with a secret. */
  secret: boolean;
  args: { [Key in keyof Args]-?: Field };
};

const commandTable: { [Name in CommandName]: Entry<CommandArgs<Name>> } = {
  status: { reads: true, secret: false, args: {} },
  'account.list': { reads: true, secret: false, args: {} },
  'account.add': {
    reads: false,
    secret: true,
    args: {
      name: text,
      kind,
      baseUrl: textOrNull,
      priority: numberOrNull,
      weight: numberOrNull,
      force: flag,
    },
  },
  'account.remove': { reads: false, secret: false, args: { account: text } },
  'account.pause': { reads: false, secret: false, args: { account: text } },
  'account.resume': { reads: false, secret: false, args: { account: text } },
  'key.create': { reads: false, secret: true, args: { name: text, kind: keyKind, limits, pid: pidOrNull } },
  'key.list': { reads: true, secret: false, args: {} },
  'key.rotate': { reads: false, secret: true, args: { key: text, graceMs: age } },
  'key.revoke': { reads: false, secret: false, args: { key: text, kind: keyKindOrNull } },
  'config.set': { reads: false, secret: false, args: { key: text, value: setting } },
  'config.unset': { reads: false, secret: false, args: { key: text } },
  stop: { reads: false, secret: false, args: {} },
};

const isCommandName = (name: string): name is CommandName => Object.hasOwn(commandTable, name);

export const isReadingCommand = (name: CommandName): boolean => commandTable[name].reads;
export const mayCarrySecret = (name: CommandName): boolean => commandTable[name].secret;

/**
 * The command in a `{name, args}` from outside, with the known arguments only, or what is wrong with it in words.
 * An argument that may be null, or is a switch, may be absent. A problem never quotes a value.
 */
export const parseCommand = (value: unknown): Command | { problem: string } => {
  if (typeof value !== 'object' || value === null) return { problem: 'command: wanted an object' };
  const { name, args = {} } = value as { name?: unknown; args?: unknown };
  if (typeof name !== 'string') return { problem: 'command.name: wanted text' };
  if (!isCommandName(name)) return { problem: `unknown command ${sanitize(name, 60)}` };
  if (typeof args !== 'object' || args === null) return { problem: `${name}: args: wanted an object` };
  const parsed: Record<string, unknown> = {};
  for (const [key, field] of Object.entries<Field>(commandTable[name].args)) {
    const item: unknown = Object.hasOwn(args, key) ? (args as Record<string, unknown>)[key] : field.absent;
    if (!field.accepts(item)) return { problem: `${name}: ${key}: wanted ${field.wanted}` };
    parsed[key] = item;
  }
  return { name, args: parsed } as Command;
};
