import { basename } from 'node:path';
import type { Environment } from '../shared/environment.ts';
import { CcrError } from '../shared/errors.ts';
import type { ClientKeyRecord } from '../shared/client-key.ts';
import type { AccountRecord } from '../shared/types.ts';
import { sentencesOf } from './checks.ts';
import { readConfigFile } from './config-file.ts';
import type { Paths } from './paths.ts';
import { nest, schema, type Config, type SettingKey } from './schema.ts';

export type SettingSource = 'default' | 'file' | 'env' | 'flag';

export type SettingEntry = { key: SettingKey; value: unknown; default: unknown; source: SettingSource };

export type Settings = {
  config: Config;
  accounts: AccountRecord[];
  clientKeys: ClientKeyRecord[];
  /** Every setting with where its value comes from, in the order of the schema. */
  entries: SettingEntry[];
};

export type SettingsInput = {
  paths: Pick<Paths, 'config'>;
  env: Environment;
  /** Values from the command line by setting key: text as typed, or numbers. */
  flags?: Readonly<Partial<Record<SettingKey, string | number | undefined>>>;
};

/** Environment variables that stand for a setting. */
const variables: Readonly<Partial<Record<SettingKey, string>>> = {
  port: 'CCR_TUI_PORT',
  host: 'CCR_TUI_HOST',
  credentialStore: 'CCR_TUI_CREDENTIAL_STORE',
};

type Override = { source: 'env' | 'flag'; label: string; text: string | number };

const overrides = (key: SettingKey, { env, flags }: SettingsInput): Override[] => {
  const variable = variables[key];
  const fromEnv = variable === undefined ? undefined : env[variable];
  const fromFlag = flags?.[key];
  const found: Override[] = [];
  // An empty variable is the usual way of unsetting one for a single command.
  if (variable !== undefined && fromEnv !== undefined && fromEnv !== '') {
    found.push({ source: 'env', label: variable, text: fromEnv });
  }
  if (fromFlag !== undefined) found.push({ source: 'flag', label: `--${key}`, text: fromFlag });
  return found;
};

const problemsError = (code: 'invalid_config' | 'usage', problems: readonly string[]): CcrError => {
  const count = problems.length === 1 ? 'a problem' : `${problems.length} problems`;
  return new CcrError(code, `the settings have ${count}`, { problems });
};

/** The error of a config file with these problems (`KEY: what; what to do`). */
export const invalidConfig = (path: string, problems: readonly string[]): CcrError =>
  problemsError(
    'invalid_config',
    problems.map((problem) => `${basename(path)}: ${problem}`),
  );

/**
 * The effective settings: flag, environment, config.json, default, in this order. Reads only; a missing file is an
 * empty one. Throws one CcrError whose `problems` name everything that is wrong: `invalid_config`, or `usage` when
 * only flags are.
 */
export const loadSettings = (input: SettingsInput): Settings => {
  const file = readConfigFile(input.paths.config);
  const problems = [...invalidConfig(input.paths.config, file.problems).problems];
  let onlyFlags = problems.length === 0;
  const values = new Map<SettingKey, unknown>();
  const entries = schema.map(({ key, default: standard, check }): SettingEntry => {
    let value: unknown = file.values.has(key) ? file.values.get(key) : standard;
    let source: SettingSource = file.values.has(key) ? 'file' : 'default';
    for (const override of overrides(key, input)) {
      const { text, label } = override;
      const checked = check.parse(typeof text === 'string' ? check.fromText(text) : text);
      if (checked.ok) [value, source] = [checked.value, override.source];
      else {
        problems.push(...sentencesOf(label, checked));
        onlyFlags &&= override.source === 'flag';
      }
    }
    values.set(key, value);
    return { key, value, default: standard, source };
  });
  if (problems.length > 0) throw problemsError(onlyFlags ? 'usage' : 'invalid_config', problems);
  return { config: nest(values), accounts: file.accounts, clientKeys: file.clientKeys, entries };
};
