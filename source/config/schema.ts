import { CcrError } from '../shared/errors.ts';
import { sanitize } from '../shared/sanitize.ts';
import { refusalOf } from './checks.ts';
import { nearest } from './nearest.ts';
import { settingTable, type Definition } from './setting-table.ts';

export type SettingKey = keyof typeof settingTable;
export type SettingValues = { [Key in SettingKey]: (typeof settingTable)[Key]['default'] };

type Groups = SettingKey extends infer Key ? (Key extends `${infer Group}.${string}` ? Group : never) : never;
type Leaves<Group extends string> = {
  [Key in SettingKey as Key extends `${Group}.${infer Leaf}` ? Leaf : never]: SettingValues[Key];
};

/** The effective settings: dotted keys as nested objects. */
export type Config = {
  [Key in SettingKey as Key extends `${string}.${string}` ? never : Key]: SettingValues[Key];
} & { [Group in Groups]: Leaves<Group> };

export type Setting = Definition<unknown> & { key: SettingKey };

/** Every setting, in the order of the documentation. */
export const schema: readonly Setting[] = Object.entries(settingTable).map(([key, definition]) => ({
  key: key as SettingKey,
  ...definition,
}));

/** The setting of that name; undefined when there is none. */
export const findSetting = (key: string): Setting | undefined => schema.find((entry) => entry.key === key);

/** Groups of dotted keys: `timeouts`, `history`. */
export const groups: ReadonlySet<string> = new Set(
  schema.flatMap(({ key }) => (key.includes('.') ? [key.slice(0, key.indexOf('.'))] : [])),
);

/** The setting key that was probably meant: whole, or by its last part (`connectMs`); null when none is near. */
export const nearestKey = (word: string): SettingKey | null => {
  const keys = schema.map(({ key }) => key);
  const whole = nearest(word, keys);
  if (whole !== null) return whole as SettingKey;
  const leaf = nearest(
    word,
    keys.map((key) => key.slice(key.indexOf('.') + 1)),
  );
  return leaf === null ? null : (keys.find((key) => key === leaf || key.endsWith(`.${leaf}`)) ?? null);
};

/** The setting a person named. Throws `usage` with the nearest name when there is none. */
export const settingNamed = (key: string): Setting => {
  const found = findSetting(key);
  if (found !== undefined) return found;
  const near = nearestKey(key);
  throw new CcrError('usage', `there is no setting ${sanitize(key, 60)}`, {
    hint: near === null ? 'ccr-tui config list shows every setting' : `did you mean ${near}?`,
  });
};

/** The checked value of a setting from JSON. Throws `usage` for an unknown key or a wrong value. */
export const settingValue = (key: string, value: unknown): unknown => {
  const checked = settingNamed(key).check.parse(value);
  if (checked.ok) return checked.value;
  throw refusalOf(key, checked);
};

/** The checked value of a setting from command-line text. Throws `usage` for an unknown key or a wrong value. */
export const settingFromText = (key: string, text: string): unknown =>
  settingValue(key, settingNamed(key).check.fromText(text));

/** Nested settings from a value per key. */
export const nest = (values: ReadonlyMap<SettingKey, unknown>): Config => {
  const config: Record<string, unknown> = {};
  for (const [key, value] of values) {
    const [group = '', leaf] = key.split('.');
    if (leaf === undefined) config[group] = value;
    else config[group] = { ...(config[group] as object | undefined), [leaf]: value };
  }
  return config as Config;
};
