import type { ImportSource } from '../credentials/importers/import-sources.ts';
import { originOf, type PlannedAccount } from '../credentials/importers/plan-import.ts';
import type { SecretKeeper } from '../credentials/secret-keeper.ts';
import type { NewAccount } from '../shared/commands.ts';
import { CcrError } from '../shared/errors.ts';
import {
  isLoginKind,
  type AccountRecord,
  type EpochMs,
  type LoginFacts,
  type SecretStoreName,
} from '../shared/types.ts';
import type { CommandContext } from './context.ts';
import { storeAccount, storeLoginAgain, type Stored } from './store-login.ts';

/** What became of an account that was to be taken over. */
export type ImportedRow = Pick<PlannedAccount, 'source' | 'name' | 'baseUrl' | 'notes' | 'holder'> & {
  action: 'add' | 'update' | 'skip' | 'failed';
  reason: string | null;
  /** Ours, when it was added. */
  id: string | null;
  store: SecretStoreName | null;
  /** What its store has to say. */
  notice: string | null;
};

export type ImportTerms = {
  source: ImportSource;
  /** The login stays where it is. */
  link: boolean;
  /** null where no login is among them. */
  termsAcceptedAt: EpochMs | null;
  keeper: SecretKeeper;
};

const longestFact = 200;

const fact = (text: string | null): string | null =>
  text === null ? null : text.replace(/\p{C}/gu, '').slice(0, longestFact) || null;

const factsOf = (
  { source: account }: PlannedAccount,
  { source, link, termsAcceptedAt }: ImportTerms,
): LoginFacts | null => {
  if (!isLoginKind(account.kind) || termsAcceptedAt === null) return null;
  return {
    termsAcceptedAt,
    linkedTo: link ? source.path : null,
    accountUuid: fact(account.accountUuid),
    organization: fact(account.organization),
    plan: fact(account.plan),
  };
};

const newAccount = (planned: PlannedAccount, terms: ImportTerms): NewAccount => {
  const { source, name, baseUrl, priority, models } = planned;
  const { kind, caps, paused } = source;
  const importedFrom = originOf(terms.source.from, source);
  const login = factsOf(planned, terms);
  return { name, kind, baseUrl, priority, weight: null, caps, models, paused, importedFrom, login };
};

/** The row of an account of which nothing has been done yet. */
export const rowOf = ({ source, name, baseUrl, notes, holder, ...rest }: PlannedAccount): ImportedRow => {
  const { action, reason } = rest;
  return { source, name, baseUrl, notes, holder, action, reason, id: null, store: null, notice: null };
};

/** Its settings stay, and what is kept of the login where the tool does not know better. */
const update = (
  context: CommandContext,
  planned: PlannedAccount,
  record: AccountRecord,
  terms: ImportTerms,
): Promise<Stored> => {
  const termsAcceptedAt = record.login?.termsAcceptedAt ?? context.clock.now();
  const facts = factsOf(planned, { ...terms, link: false, termsAcceptedAt });
  if (facts === null) throw new CcrError('failed', 'it is no login');
  return storeLoginAgain(context, record, { facts, secret: planned.source.secret }, terms.keeper);
};

/** Takes one account over, by the running instance where there is one. What goes wrong with it is in its row; never rejects. */
export const importAccount = async (
  context: CommandContext,
  planned: PlannedAccount,
  terms: ImportTerms,
): Promise<ImportedRow> => {
  const row = rowOf(planned);
  const { action, holder, source } = planned;
  if (action === 'skip') return row;
  try {
    const stored =
      action === 'update' && holder !== null
        ? update(context, planned, holder, terms)
        : storeAccount(context, newAccount(planned, terms), terms.link ? null : source.secret, terms.keeper);
    const { account, store, notice } = await stored;
    return { ...row, id: account.id, store, notice };
  } catch (error) {
    const reason = error instanceof CcrError ? error.lines.join('; ') : 'it could not be added';
    return { ...row, action: 'failed', reason };
  }
};
