import type { ImportSource } from '../credentials/importers/import-sources.ts';
import { filesHolding } from '../credentials/importers/plain-left.ts';
import { isSameSecret } from '../credentials/importers/plan-import.ts';
import { loginFromText } from '../credentials/login.ts';
import type { SecretKeeper } from '../credentials/secret-keeper.ts';
import { asCcrError } from '../shared/errors.ts';
import type { Secret } from '../shared/secret.ts';
import type { AccountRecord } from '../shared/types.ts';
import type { CommandContext } from './context.ts';
import type { ImportedRow } from './import-account.ts';
import { keptSecret } from './known-accounts.ts';
import { printLines } from './print.ts';
import { recordAudit } from './record-audit.ts';
import { askYes } from './visible-line.ts';

export type PlainRemoval = {
  /** `kept`: nobody said yes. `failed`: some still stand there. */
  end: 'removed' | 'kept' | 'failed' | 'nothing';
  /** Files in which one of the secrets still stands. */
  files: readonly string[];
  reason: string | null;
};

const nothing: PlainRemoval = { end: 'nothing', files: [], reason: null };

/** The texts by which a secret would be found in a file. */
const textsOf = (secret: Secret): string[] => {
  const text = secret.reveal();
  const login = loginFromText(text);
  if (login === null) return [text];
  return [login.accessToken.reveal(), login.refreshToken?.reveal() ?? ''].filter((token) => token !== '');
};

/**
 * Whether our store gives the secret back: the same, or a login that has been renewed since. One that failed to take the place
 * of ours was never stored, whatever login ours is.
 */
const isKept = async (
  { source, id, holder, action }: ImportedRow,
  records: readonly AccountRecord[],
  keeper: Pick<SecretKeeper, 'get'>,
): Promise<boolean> => {
  const record = holder ?? records.find((each) => each.id === id);
  if (record === undefined || record.store === 'memory') return false;
  const kept = await keptSecret(record, keeper);
  if (kept === null) return false;
  if (isSameSecret(source.secret, kept)) return true;
  return action !== 'failed' && source.kind === 'login' && loginFromText(kept.reveal()) !== null;
};

const isWished = async ({ options, stdin, stderr }: CommandContext, path: string): Promise<boolean> => {
  if (options['remove-plain'] === true) return true;
  if (!stdin.isTTY || options['json'] === true) return false;
  const question = `Empty the plain copies in ${path}? Type yes, or press Enter to keep them: `;
  return askYes(stdin, stderr, question);
};

export type PlainOptions = {
  source: ImportSource;
  rows: readonly ImportedRow[];
  records: readonly AccountRecord[];
  keeper: Pick<SecretKeeper, 'get'>;
};

/**
 * Offers to empty what stands in plain text in the store of the tool, of those accounts alone whose secret our own store has
 * given back; afterwards the files are searched for it. Asked at a terminal, `--remove-plain` elsewhere; never by itself.
 */
export const removePlain = async (
  context: CommandContext,
  { source, rows, records, keeper }: PlainOptions,
): Promise<PlainRemoval> => {
  if (source.blank === null) return nothing;
  const kept: ImportedRow[] = [];
  for (const row of rows) if (await isKept(row, records, keeper)) kept.push(row);
  // A tool may hold the same secret twice, and one of them alone was taken over.
  const emptied = rows
    .map(({ source: account }) => account)
    .filter(({ secret }) => kept.some((row) => isSameSecret(row.source.secret, secret)));
  const texts = emptied.flatMap(({ secret }) => textsOf(secret));
  const files = filesHolding(source.path, texts);
  if (files.length === 0) return nothing;
  if (!(await isWished(context, source.path))) return { end: 'kept', files, reason: null };
  try {
    source.blank(emptied);
  } catch (error) {
    return {
      end: 'failed',
      files,
      reason: asCcrError(error).lines.join('; '),
    };
  }
  await recordAudit(context, { event: 'plain.removed', from: source.from, path: source.path });
  const left = filesHolding(source.path, texts);
  if (left.length === 0) return { end: 'removed', files: [], reason: null };
  return { end: 'failed', files: left, reason: 'the tool keeps them in another place of it, too' };
};

/** What a person is told of it. */
export const tellPlain = async (
  { stdout, stderr }: CommandContext,
  { from, path }: ImportSource,
  { end, files, reason }: PlainRemoval,
): Promise<void> => {
  if (end === 'removed') await printLines(stdout, [`emptied the plain copies in ${path}`]);
  if (end === 'kept') {
    await printLines(stderr, [
      `ccr-tui: note: ${files.join(' and ')} still holds these secrets in plain text; ccr-tui import ${from} --remove-plain empties them`,
    ]);
  }
  if (end === 'failed') {
    await printLines(stderr, [`ccr-tui: plain copies are still in ${files.join(' and ')}: ${reason ?? ''}`]);
  }
};
