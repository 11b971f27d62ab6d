import type { AccountChange, Command, CommandArgs, CommandName } from '../shared/commands.ts';
import { keyKinds, type KeyLimits } from '../shared/client-key.ts';
import { isRecord } from '../shared/is-record.ts';
import { slotBounds } from '../shared/statistics.ts';
import { sanitize } from '../shared/sanitize.ts';
import { accountKinds, movableStores, passphraseKdfs, type LoginFacts } from '../shared/types.ts';

/** `absent` stands for an argument that was left out; without it the argument must be there, unless it is `optional`. */
type Field = {
  wanted: string;
  accepts: (value: unknown) => boolean;
  absent?: null | false;
  optional?: true;
};

const textLimit = 4096;
const isText = (value: unknown): boolean => typeof value === 'string' && value.length <= textLimit;
const text: Field = { wanted: `text of at most ${textLimit} characters`, accepts: isText };
const orNull = ({ wanted, accepts }: Field): Field => ({
  wanted: `${wanted}, or null`,
  accepts: (value) => value === null || accepts(value),
  absent: null,
});
const textOrNull = orNull(text);
const numberOrNull = orNull({ wanted: 'a number', accepts: Number.isFinite });
const flag: Field = {
  wanted: 'true or false',
  accepts: (value) => typeof value === 'boolean',
  absent: false,
};
/** One of these words. */
const wordOf = (words: readonly string[]): Field => ({
  wanted: `one of ${words.join(', ')}`,
  accepts: (value) => words.some((word) => word === value),
});

const poison = new Set(['__proto__', 'constructor', 'prototype']);
const isTexts = (value: unknown): boolean =>
  Array.isArray(value) && value.length <= 100 && value.every((item) => isText(item));
const isShares = (value: unknown): boolean =>
  isRecord(value) &&
  Object.keys(value).length <= 100 &&
  Object.entries(value).every(
    ([window, share]) => isText(window) && !poison.has(window) && Number.isFinite(share),
  );
const sharesOrNull = orNull({ wanted: 'an object with a number for each window', accepts: isShares });
const textsOrNull = orNull({ wanted: 'a list of at most 100 texts', accepts: isTexts });
const kdfOrNull = orNull(wordOf(passphraseKdfs));
/** Times that have a form of their own in config.json: years of four digits. */
const isTime = (value: unknown): boolean =>
  typeof value === 'number' && value >= 0 && value < Date.UTC(10_000, 0, 1);
const longestAgeMs = 36_525 * 86_400_000;
const age: Field = {
  wanted: 'a length of time in ms, at most a hundred years',
  accepts: (value) => typeof value === 'number' && value >= 0 && value <= longestAgeMs,
};
const slotMs: Field = {
  wanted: 'a length of time in ms, from ten seconds to a week',
  accepts: (value) =>
    Number.isInteger(value) &&
    Number(value) >= slotBounds.shortestMs &&
    Number(value) <= slotBounds.longestMs,
};
const slots: Field = {
  wanted: `a whole number from 1 to ${slotBounds.most}`,
  accepts: (value) => Number.isInteger(value) && Number(value) > 0 && Number(value) <= slotBounds.most,
};
const pidOrNull = orNull({
  wanted: 'the number of a process',
  accepts: (value) => Number.isInteger(value) && Number(value) > 0 && Number(value) < 2 ** 31,
});

/** Whether each limit has its type; whether its value makes sense is for whoever keeps it. */
const limitTypes: Readonly<Record<keyof KeyLimits, (value: unknown) => boolean>> = {
  requestsPerMinute: Number.isFinite,
  concurrent: Number.isFinite,
  dailyUsd: Number.isFinite,
  dailyTokens: Number.isFinite,
  holdMs: Number.isFinite,
  expiresAt: isTime,
  models: isTexts,
  accounts: isTexts,
};
/** An object with these fields, each of its type, and no other. */
const hasExactly = (value: unknown, types: Readonly<Record<string, (item: unknown) => boolean>>): boolean =>
  typeof value === 'object' &&
  value !== null &&
  Object.keys(value).length === Object.keys(types).length &&
  Object.entries(types).every(([key, accepts]) =>
    accepts(Object.hasOwn(value, key) ? (value as Record<string, unknown>)[key] : undefined),
  );

const overageOrNull: Field = {
  wanted: 'forbid, allow, a share, or null',
  accepts: (value) => value === null || value === 'forbid' || value === 'allow' || Number.isFinite(value),
};

const limits: Field = {
  wanted: 'an object with every limit of a key, or null for it',
  accepts: (value) =>
    hasExactly(
      value,
      Object.fromEntries(
        Object.entries(limitTypes).map(([key, accepts]) => [
          key,
          (item: unknown) => item === null || accepts(item),
        ]),
      ),
    ),
};

const loginTypes: Readonly<Record<keyof LoginFacts, (value: unknown) => boolean>> = {
  termsAcceptedAt: isTime,
  linkedTo: textOrNull.accepts,
  accountUuid: textOrNull.accepts,
  organization: textOrNull.accepts,
  plan: textOrNull.accepts,
};
const loginFacts: Field = {
  wanted: 'an object with what is kept of a login',
  accepts: (value) => hasExactly(value, loginTypes),
};

const depthLimit = 8;

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

/** What decides which requests an account gets. */
const accountShare: Record<Exclude<keyof AccountChange, 'baseUrl'>, Field> = {
  priority: numberOrNull,
  weight: numberOrNull,
  caps: sharesOrNull,
  models: textsOrNull,
  overage: { ...overageOrNull, optional: true },
  concurrent: { ...numberOrNull, optional: true },
};

const commandTable: { [Name in CommandName]: Entry<CommandArgs<Name>> } = {
  status: { reads: true, secret: false, args: {} },
  'account.list': { reads: true, secret: false, args: {} },
  'account.add': {
    reads: false,
    secret: true,
    args: {
      name: text,
      kind: wordOf(accountKinds),
      baseUrl: textOrNull,
      ...accountShare,
      force: flag,
      login: { ...orNull(loginFacts), optional: true },
      paused: { ...flag, optional: true },
      importedFrom: { ...textOrNull, optional: true },
    },
  },
  'account.login': { reads: false, secret: true, args: { account: text, login: loginFacts, force: flag } },
  'account.remove': { reads: false, secret: false, args: { account: text } },
  'account.pause': { reads: false, secret: false, args: { account: text } },
  'account.resume': { reads: false, secret: false, args: { account: text } },
  'account.pauseAll': { reads: false, secret: false, args: {} },
  'account.resumeAll': { reads: false, secret: false, args: {} },
  'account.prefer': { reads: false, secret: false, args: { account: textOrNull } },
  'account.rename': { reads: false, secret: false, args: { account: text, to: text } },
  'account.set': {
    reads: false,
    secret: false,
    args: {
      account: text,
      ...accountShare,
      baseUrl: textOrNull,
    },
  },
  'account.reset': { reads: false, secret: false, args: { account: text } },
  'account.usage': { reads: false, secret: false, args: { account: text } },
  'account.refresh': { reads: false, secret: false, args: { account: text } },
  // It changes nothing, but it asks a provider: not for somebody who may only look.
  'account.test': { reads: false, secret: false, args: { account: text } },
  'secret.set': { reads: false, secret: true, args: { name: text } },
  'secret.list': { reads: true, secret: false, args: {} },
  'secret.delete': { reads: false, secret: false, args: { name: text } },
  'key.create': {
    reads: false,
    secret: true,
    args: { name: text, kind: wordOf(keyKinds), limits, pid: pidOrNull },
  },
  'key.list': { reads: true, secret: false, args: {} },
  'key.rotate': { reads: false, secret: true, args: { key: text, graceMs: age } },
  'key.revoke': { reads: false, secret: false, args: { key: text, kind: orNull(wordOf(keyKinds)) } },
  statistics: { reads: true, secret: false, args: { slotMs, slots } },
  'request.heads': { reads: true, secret: false, args: { request: text } },
  'audit.list': { reads: true, secret: false, args: { account: text } },
  'request.release': { reads: false, secret: false, args: { request: text } },
  'request.cancel': { reads: false, secret: false, args: { request: text } },
  'vault.init': { reads: false, secret: true, args: { kdf: kdfOrNull } },
  'vault.passwd': { reads: false, secret: true, args: { kdf: kdfOrNull } },
  'vault.unlock': { reads: false, secret: true, args: {} },
  'vault.rotate': { reads: false, secret: false, args: {} },
  'vault.move': { reads: false, secret: false, args: { to: wordOf(movableStores) } },
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
    if (field.optional && !Object.hasOwn(args, key)) continue;
    const item: unknown = Object.hasOwn(args, key) ? (args as Record<string, unknown>)[key] : field.absent;
    if (!field.accepts(item)) return { problem: `${name}: ${key}: wanted ${field.wanted}` };
    parsed[key] = item;
  }
  return { name, args: parsed } as Command;
};
