import { sanitize } from '../shared/sanitize.ts';
import { createFieldReader, type FieldReader, type Fields } from './field-reader.ts';

export type WorldWindow = {
  id: string;
  /** `first-use`: closed until a request is charged, then open for its length. `fixed`: always open, with resets of its own. */
  kind: 'first-use' | 'fixed';
  lengthMs: number;
  capacityUsd: number;
  /** null = every model. */
  models: readonly string[] | null;
  /** Of a fixed one: its first reset, and what is used of it at the start. */
  resetAtMs: number;
  usedUsd: number;
};

export type WorldAccount = {
  name: string;
  kind: 'plan' | 'api';
  /** Lower is tried first. */
  priority: number;
  windows: readonly WorldWindow[];
  /** Use outside the proxy: when, and how much in USD. */
  external: readonly (readonly [at: number, usd: number])[];
  /** Of `api` accounts, which refill all the time. */
  inputTokensPerMin: number;
  outputTokensPerMin: number;
};

export type World = {
  /** Longest wait of one request, what an attempt that gets a 429 costs, and when headers come, all in ms. */
  policy: { maxHoldMs: number; failoverMs: number; firstByteMs: number };
  accounts: readonly WorldAccount[];
  /** Upper bound of the work that could be served, in USD; null without one. */
  boundUsd: number | null;
};

const modelsOf = (read: FieldReader, { models = null }: Fields, where: string): readonly string[] | null => {
  if (models === null) return null;
  if (Array.isArray(models) && models.every((model) => typeof model === 'string')) return models;
  read.misfit(`${where}models`, 'null or a list of names');
  return null;
};

const nameOf = (read: FieldReader, value: unknown, field: string): string => {
  if (typeof value === 'string' && value !== '') return value;
  read.misfit(field, 'a name');
  return '';
};

/** Resets are told in whole seconds, and each of them is one step of the simulator. */
const shortestMs = 1000;

const readWindow = (read: FieldReader, value: unknown, place: string): WorldWindow[] => {
  const entry = read.object(value, place);
  if (entry === null) return [];
  const where = `${place}.`;
  const isFixed = entry['kind'] === 'fixed';
  if (!isFixed && entry['kind'] !== 'first-use') read.misfit(`${where}kind`, 'first-use or fixed');
  return [
    {
      id: nameOf(read, entry['id'], `${where}id`),
      kind: isFixed ? 'fixed' : 'first-use',
      lengthMs: read.number(entry, 'lengthMs', { min: shortestMs, whole: true, where }),
      capacityUsd: read.number(entry, 'capacityUsd', { where }),
      models: modelsOf(read, entry, where),
      resetAtMs: isFixed ? read.number(entry, 'resetAtMs', { whole: true, where }) : 0,
      usedUsd: isFixed && entry['usedUsd'] !== undefined ? read.number(entry, 'usedUsd', { where }) : 0,
    },
  ];
};

const readExternal = (read: FieldReader, entry: Fields, where: string): [number, number][] => {
  if (entry['external'] === undefined) return [];
  return read.list(entry, 'external', where).flatMap((pair, at): [number, number][] => {
    const [ms, usd] = Array.isArray(pair) ? (pair as unknown[]) : [];
    if (isAmount(ms) && isAmount(usd)) return [[ms, usd]];
    read.misfit(`${where}external[${at}]`, 'a time and an amount');
    return [];
  });
};

const isAmount = (value: unknown): value is number =>
  typeof value === 'number' && Number.isFinite(value) && value >= 0;

const readAccount = (read: FieldReader, value: unknown, at: number): WorldAccount[] => {
  const entry = read.object(value, `accounts[${at}]`);
  if (entry === null) return [];
  const where = `accounts[${at}].`;
  const { kind } = entry;
  if (kind !== 'plan' && kind !== 'api') read.misfit(`${where}kind`, 'plan or api');
  const perMinute = (field: string): number => (kind === 'api' ? read.number(entry, field, { where }) : 0);
  return [
    {
      name: nameOf(read, entry['name'], `${where}name`),
      kind: kind === 'api' ? 'api' : 'plan',
      priority: entry['priority'] === undefined ? 0 : read.number(entry, 'priority', { where }),
      windows: read
        .list(entry, 'windows', where)
        .flatMap((window, place) => readWindow(read, window, `${where}windows[${place}]`)),
      external: readExternal(read, entry, where),
      inputTokensPerMin: perMinute('inputTokensPerMin'),
      outputTokensPerMin: perMinute('outputTokensPerMin'),
    },
  ];
};

const readPolicy = (read: FieldReader, world: Fields): World['policy'] => {
  const policy = read.object(world['policy'], 'policy');
  const ms = (field: string): number =>
    policy === null ? 0 : read.number(policy, field, { whole: true, where: 'policy.' });
  return { maxHoldMs: ms('maxHoldMs'), failoverMs: ms('failoverMs'), firstByteMs: ms('firstByteMs') };
};

const readBound = (read: FieldReader, { bound = null }: Fields): number | null => {
  const entry = bound === null ? null : read.object(bound, 'bound');
  return entry === null ? null : read.number(entry, 'usd', { where: 'bound.' });
};

/** Reads the accounts of a world. Throws `usage`, naming the file and every field that does not fit, on one line. */
export const parseWorld = (file: string, value: unknown): World => {
  const read = createFieldReader(file);
  const world = read.object(value, 'the file') ?? {};
  read.done();
  if (world['format'] !== 'ccr-accounts/1') read.misfit('format', 'ccr-accounts/1');
  read.done();
  const accounts = read.list(world, 'accounts').flatMap((account, at) => readAccount(read, account, at));
  const names = accounts.map(({ name }) => name);
  const twice = names.find((name, at) => name !== '' && names.indexOf(name) !== at);
  if (twice !== undefined) {
    read.misfit('accounts', `names of their own; ${sanitize(twice, 60)} stands there twice`);
  }
  const parsed = { policy: readPolicy(read, world), accounts, boundUsd: readBound(read, world) };
  read.done();
  return parsed;
};
