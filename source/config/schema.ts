import leven from 'leven';
import { CcrError } from '../shared/errors.ts';
import { sanitize } from '../shared/sanitize.ts';
import { secretStores } from '../shared/types.ts';
import {
  address,
  hostName,
  listOf,
  oneOf,
  orWord,
  webOrigin,
  wholeNumber,
  yesOrNo,
  type Check,
} from './checks.ts';
import { addressRange, filePath } from './network-checks.ts';

type Definition<T> = {
  default: T;
  check: Check<T>;
  /** One line for people. */
  doc: string;
  /** A change takes effect at the next start of the instance. */
  restart: boolean;
};

/** Takes effect in a running instance at once. */
const live = <T>(standard: NoInfer<T>, check: Check<T>, doc: string): Definition<T> => ({
  default: standard,
  check,
  doc,
  restart: false,
});

const atStart = <T>(standard: NoInfer<T>, check: Check<T>, doc: string): Definition<T> => ({
  ...live(standard, check, doc),
  restart: true,
});

const day = 86_400_000;

// Every setting there is. Code, `config list`, errors and the table in the README come from here.
const table = {
  port: atStart(4180, wholeNumber(0, 65_535), 'TCP port of the proxy; 0 picks a free one'),
  host: atStart('127.0.0.1', address, 'address the proxy listens on'),
  insecureBind: atStart(
    false,
    yesOrNo,
    'listen beyond loopback without a client key and TLS; whoever finds the port uses your accounts',
  ),
  allowedHosts: live([], listOf(hostName), 'further host names that clients may call the proxy by'),
  allowedOrigins: live([], listOf(webOrigin), 'web origins whose pages may call the proxy'),
  requireClientKey: live(
    'auto',
    orWord('auto', yesOrNo),
    'whether clients must show a key; auto asks for one beyond loopback, or once there is a key of yours',
  ),
  'clientLimits.requestsPerMinute': live(
    'auto',
    orWord('auto', wholeNumber(0, 1_000_000)),
    'for each key without a limit of its own; 0 for none; auto sets none on loopback, 100 beyond',
  ),
  allowedAddresses: live(
    [],
    listOf(addressRange),
    'addresses and ranges that may connect, beside this machine; empty for all',
  ),
  trustedProxies: live(
    [],
    listOf(addressRange),
    'addresses and ranges of forwarders whose X-Forwarded-For names the client',
  ),
  'tls.cert': atStart('', filePath, 'file of the certificate (PEM); with tls.key the port speaks TLS'),
  'tls.key': atStart('', filePath, 'file of its private key (PEM), readable by its owner alone'),
  strategy: live(
    'sticky',
    oneOf(['sticky', 'spread']),
    'how an account is chosen: sticky keeps a conversation on its account, spread takes the least used one',
  ),
  credentialStore: atStart(
    'auto',
    oneOf(['auto', ...secretStores]),
    'where new secrets are kept; auto takes the keychain, or the vault where none answers',
  ),
  bodyLimitMiB: live(
    32,
    wholeNumber(1, 512),
    'largest request body, in MiB; batches and files have limits of their own',
  ),
  drainMs: live(30_000, wholeNumber(0, day), 'how long requests may finish when the instance stops'),
  'timeouts.connectMs': live(10_000, wholeNumber(1, day), 'to connect to an upstream'),
  'timeouts.firstByteMs': live(600_000, wholeNumber(1, day), 'for the first byte of an upstream answer'),
  'timeouts.idleMs': live(300_000, wholeNumber(1, day), 'between two pieces of an upstream answer'),
  'timeouts.clientHeadersMs': atStart(10_000, wholeNumber(1, day), 'for a client to send its headers'),
  'timeouts.clientBodyMs': live(30_000, wholeNumber(1, day), 'between two pieces of a request body'),
  'history.retentionDays': atStart(30, wholeNumber(1, 36_500), 'days that finished requests are kept'),
  'history.maxMiB': atStart(256, wholeNumber(1, 1_048_576), 'largest size of the history, in MiB'),
} as const satisfies Record<string, Definition<unknown>>;

export type SettingKey = keyof typeof table;
export type SettingValues = { [Key in SettingKey]: (typeof table)[Key]['default'] };

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
export const schema: readonly Setting[] = Object.entries(table).map(([key, definition]) => ({
  key: key as SettingKey,
  ...definition,
}));

/** The setting of that name; undefined when there is none. */
export const findSetting = (key: string): Setting | undefined => schema.find((entry) => entry.key === key);

/** Groups of dotted keys: `timeouts`, `history`. */
export const groups: ReadonlySet<string> = new Set(
  schema.flatMap(({ key }) => (key.includes('.') ? [key.slice(0, key.indexOf('.'))] : [])),
);

const sorted = (word: string): string => Array.from(word).sort().join('');

/** The candidate that was probably meant; null when none is near. */
export const nearest = (word: string, candidates: Iterable<string>): string | null => {
  const typed = word.slice(0, 100).toLowerCase();
  let best: string | null = null;
  let bestDistance = Math.max(2, Math.floor(typed.length / 3)) + 1;
  for (const candidate of candidates) {
    const meant = candidate.toLowerCase();
    // Letters in the wrong order are one slip of the fingers, though leven counts two changes.
    const distance = sorted(typed) === sorted(meant) ? 1 : leven(typed, meant, { maxDistance: bestDistance });
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  return best;
};

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
  throw new CcrError('usage', `${key}: ${checked.what}`, { hint: checked.fix });
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
