import type { ClientKeyRecord } from '../shared/client-key.ts';
import { isRecord } from '../shared/is-record.ts';
import type { AccountRecord } from '../shared/types.ts';
import { sanitize } from '../shared/sanitize.ts';
import { systemCode } from '../shared/system-code.ts';
import { parseAccounts } from './account-record.ts';
import { sentencesOf, shown } from './checks.ts';
import { parseClientKeys } from './client-key-record.ts';
import { parseJsonText } from './json-text.ts';
import { readRegularFile, type FileReading } from './regular-file.ts';
import { nearest } from './nearest.ts';
import { findSetting, groups, nearestKey, schema, type SettingKey } from './schema.ts';

/** What config.json says. `problems` read `KEY: what; what to do`; empty when the file is sound or missing. */
export type ConfigFile = {
  values: ReadonlyMap<SettingKey, unknown>;
  accounts: AccountRecord[];
  clientKeys: ClientKeyRecord[];
  problems: readonly string[];
};

const maxBytes = 1024 * 1024;

type FileText = { text: string | null; problem: string | null };

const decoded = (bytes: Buffer): FileText => {
  try {
    // `ignoreBOM` keeps the mark in the text, so that the parser can name it.
    const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
    return { text: decoder.decode(bytes), problem: null };
  } catch {
    return { text: null, problem: 'is not UTF-8 text; correct it, or move the file away' };
  }
};

const problemOf = (found: Exclude<FileReading, { kind: 'file' | 'missing' }>): string => {
  switch (found.kind) {
    case 'irregular':
      return 'is not a regular file; move it away';
    case 'large':
      return 'is larger than 1 MiB; remove what does not belong there';
    case 'denied':
      return `cannot be read (${systemCode(found.error)}); check who may read it`;
    case 'broken':
      return `cannot be read (${systemCode(found.error)}); check the disk`;
  }
};

const readText = (path: string): FileText => {
  // People keep their settings elsewhere, with a link to them.
  const found = readRegularFile(path, { maxBytes, follow: true });
  if (found.kind === 'file') return decoded(found.bytes);
  return { text: null, problem: found.kind === 'missing' ? null : problemOf(found) };
};

/** What is no setting: written by commands of its own. */
const lists = ['accounts', 'clientKeys'];

const unknownKey = (key: string): string => {
  const name = sanitize(key, 60);
  const dotted = findSetting(key);
  if (dotted !== undefined) {
    const [group, leaf] = dotted.key.split('.');
    return `${name}: is not known; write it as {"${group}": {"${leaf}": …}}`;
  }
  const near = nearestKey(key) ?? nearest(key, [...lists, ...groups]);
  return `${name}: is not known; ${near === null ? 'remove it' : `did you mean ${near}?`}`;
};

type Leaf = { key: string; value: unknown };

/** The settings of the file under their dotted keys; groups that are no objects are problems. */
const leaves = (file: Readonly<Record<string, unknown>>, problems: string[]): Leaf[] =>
  Object.entries(file).flatMap(([key, value]): Leaf[] => {
    if (lists.includes(key)) return [];
    if (!groups.has(key)) return [{ key: key.includes('.') ? `\0${key}` : key, value }];
    if (isRecord(value))
      return Object.entries(value).map(([leaf, v]) => ({ key: `${key}.${leaf}`, value: v }));
    problems.push(`${key}: ${shown(value)} is not a group of settings; use an object`);
    return [];
  });

const parseValues = (
  file: Readonly<Record<string, unknown>>,
  problems: string[],
): Map<SettingKey, unknown> => {
  const values = new Map<SettingKey, unknown>();
  for (const { key, value } of leaves(file, problems)) {
    const setting = schema.find((entry) => entry.key === key);
    if (setting === undefined) {
      problems.push(unknownKey(key.replace('\0', '')));
      continue;
    }
    const checked = setting.check.parse(value);
    if (checked.ok) values.set(setting.key, checked.value);
    else problems.push(...sentencesOf(key, checked));
  }
  return values;
};

/** Reads and checks config.json without ever writing or throwing; a missing file is an empty one. */
export const readConfigFile = (path: string): ConfigFile => {
  const nothing = { values: new Map<SettingKey, unknown>(), accounts: [], clientKeys: [] };
  const { text, problem } = readText(path);
  if (problem !== null) return { ...nothing, problems: [problem] };
  if (text === null) return { ...nothing, problems: [] };
  const parsed = parseJsonText(text);
  if (!parsed.ok) return { ...nothing, problems: parsed.problems };
  if (!isRecord(parsed.value)) {
    return { ...nothing, problems: ['is not a JSON object; write {} into it, or move the file away'] };
  }
  const problems: string[] = [];
  const values = parseValues(parsed.value, problems);
  const { accounts, problems: ofAccounts } = Object.hasOwn(parsed.value, 'accounts')
    ? parseAccounts(parsed.value.accounts)
    : { accounts: [], problems: [] };
  const { keys: clientKeys, problems: ofKeys } = Object.hasOwn(parsed.value, 'clientKeys')
    ? parseClientKeys(parsed.value.clientKeys)
    : { keys: [], problems: [] };
  return { values, accounts, clientKeys, problems: [...problems, ...ofAccounts, ...ofKeys] };
};
