import { defaultBaseUrl, parseName, parsePriority } from '../../config/account-record.ts';
import { parseBaseUrl } from '../../config/base-url.ts';
import { modelPattern } from '../../config/model-pattern.ts';
import type { Secret } from '../../shared/secret.ts';
import type { AccountRecord } from '../../shared/types.ts';
import { linkedFolder } from '../linked-folder.ts';
import { loginFromText } from '../login.ts';
import type { ImportedAccount } from './imported-account.ts';

/** An account that is here already, with its secret where its store gives it. */
export type KnownAccount = { record: AccountRecord; secret: Secret | null };

export type PlannedAccount = {
  source: ImportedAccount;
  /** What it is, or would be, called here. */
  name: string;
  baseUrl: string | null;
  priority: number | null;
  models: readonly string[] | null;
  /** `update`: its login takes the place of the one that `holder` has. */
  action: 'add' | 'update' | 'skip';
  /** Why it is not added; null when it is. */
  reason: string | null;
  /** Our account that holds the same secret, or is to hold it; null when there is none, or it is not known. */
  holder: AccountRecord | null;
  notes: readonly string[];
};

export type PlanOptions = {
  /** The tool's name. */
  from: string;
  known: readonly KnownAccount[];
  /** For the one account there is; null = as the tool calls it. */
  name: string | null;
  /** Instead of the provider's own address. */
  baseUrl: string | null;
};

const longestName = 64;
const longestOrigin = 200;

/** The name with what no name of ours may hold replaced, and what does not fit cut off. */
export const fittingName = (name: string, otherwise: string): string => {
  const cleaned = name
    .normalize('NFKD')
    .replace(/[^A-Za-z0-9._@+-]+/g, '-')
    .replace(/^[^A-Za-z0-9]+|-+$/g, '')
    .slice(0, longestName);
  return parseName(cleaned).ok ? cleaned : otherwise;
};

/** The name, or the first of `name-2`, `name-3`, … that is free. */
export const freeName = (name: string, taken: ReadonlySet<string>): string => {
  if (!taken.has(name)) return name;
  for (let count = 2; ; count += 1) {
    const next = `${name.slice(0, longestName - String(count).length - 1)}-${count}`;
    if (!taken.has(next)) return next;
  }
};

/** What our record keeps of where an account came from: the tool, and what names it there. */
export const originOf = (from: string, { sourceId }: Pick<ImportedAccount, 'sourceId'>): string =>
  `${from}:${sourceId.replace(/\p{C}/gu, '')}`.slice(0, longestOrigin);

/** The part of a secret that stays the same however it is written down. */
const essence = (secret: Secret): string => {
  const text = secret.reveal();
  const login = loginFromText(text);
  return (login?.refreshToken ?? login?.accessToken)?.reveal() ?? text;
};

/** Whether they give the same right, however they are written down. */
export const isSameSecret = (one: Secret, other: Secret | null): boolean =>
  other !== null && essence(one) === essence(other);

const isSamePerson = ({ accountUuid, organization }: ImportedAccount, { login }: AccountRecord): boolean =>
  accountUuid !== null &&
  login?.accountUuid === accountUuid &&
  (organization === null || login.organization === null || login.organization === organization);

type Known = Pick<PlannedAccount, 'holder' | 'reason'> & { action: 'update' | 'skip' | null };

const skip = (reason: string, holder: AccountRecord | null = null): Known => ({
  action: 'skip',
  holder,
  reason,
});

/**
 * Whether the tool has a login that ends later than ours: then it was renewed or signed in to there after ours, and ours may
 * have died of it.
 */
const isNewer = ({ secret }: ImportedAccount, { record, secret: ours }: KnownAccount): boolean => {
  if (record.kind !== 'login' || linkedFolder(record) !== null || ours === null) return false;
  const [theirs, kept] = [loginFromText(secret.reveal()), loginFromText(ours.reveal())];
  return (theirs?.refreshToken ?? null) !== null && (theirs?.expiresAt ?? 0) > (kept?.expiresAt ?? Infinity);
};

const lookUp = (source: ImportedAccount, { from, known }: PlanOptions): Known => {
  const same = known.find(({ secret }) => isSameSecret(source.secret, secret));
  if (same !== undefined) return skip(`it is here already, as ${same.record.name}`, same.record);
  const origin = originOf(from, source);
  const before = known.find(({ record }) => record.importedFrom === origin);
  if (before !== undefined && isNewer(source, before)) {
    const { record } = before;
    return { action: 'update', holder: record, reason: 'its login there is newer' };
  }
  const person = known.find(({ record }) => isSamePerson(source, record));
  if (person !== undefined) {
    return skip(`the same account of the provider is here already, as ${person.record.name}`);
  }
  if (before === undefined) return { action: null, holder: null, reason: null };
  return skip(`it was taken over before, as ${before.record.name}; remove it first to take it over again`);
};

/** The models that can be patterns of ours. */
const modelsOf = ({ models }: ImportedAccount): readonly string[] | null =>
  models === null ? null : models.filter((model) => modelPattern.parse(model).ok).slice(0, 100);

/** How many models it is for that are not taken over, in words; empty for none. */
const modelNotes = ({ models }: ImportedAccount, taken: readonly string[] | null): string[] => {
  const count = (models?.length ?? 0) - (taken?.length ?? 0);
  return count === 0 ? [] : [`${count} of its models ${count === 1 ? 'was' : 'were'} not taken`];
};

const problemOf = (source: ImportedAccount, baseUrl: string | null): string | null => {
  const checked = baseUrl === null ? null : parseBaseUrl(source.kind, baseUrl);
  if (checked !== null && !checked.ok) return `its address ${checked.what}`;
  if (source.models !== null && modelsOf(source)?.length === 0)
    return 'none of its models has a name that fits';
  return null;
};

/** Where it is to send its requests; null when nobody says. */
const addressOf = (source: ImportedAccount, { baseUrl }: PlanOptions): string | null => {
  if (source.baseUrl !== null) return source.baseUrl;
  return baseUrl ?? defaultBaseUrl(source.kind);
};

/** What would become of each account of a tool: decided from what was read, and touching nothing. */
export const planImport = (accounts: readonly ImportedAccount[], options: PlanOptions): PlannedAccount[] => {
  const taken = new Set(options.known.map(({ record }) => record.name));
  const seen: ImportedAccount[] = [];
  return accounts.map((source): PlannedAccount => {
    const wanted = fittingName(options.name ?? source.name, options.from);
    const baseUrl = addressOf(source, options);
    const priority = source.priority !== null && parsePriority(source.priority).ok ? source.priority : null;
    const models = modelsOf(source);
    const twin = seen.find(({ secret }) => isSameSecret(source.secret, secret));
    seen.push(source);
    const found = lookUp(source, options);
    const reason =
      found.reason ??
      (twin === undefined ? null : `it has the same secret as ${twin.name}`) ??
      problemOf(source, baseUrl);
    const name = reason === null ? freeName(wanted, taken) : (found.holder?.name ?? wanted);
    if (reason === null) taken.add(name);
    const notes = [
      ...source.notes,
      ...modelNotes(source, models),
      ...(priority === source.priority ? [] : ['its priority does not fit and was not taken']),
      ...(name === source.name || reason !== null ? [] : [`it was called ${source.name}`]),
    ];
    const { holder } = found;
    const action = reason === null ? 'add' : (found.action ?? 'skip');
    return { source, name, baseUrl, priority, models, action, reason, holder, notes };
  });
};
