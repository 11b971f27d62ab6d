import { resolvePaths } from '../config/paths.ts';
import { loadSettings } from '../config/settings.ts';
import { checkName, refuseOwnAddress } from '../credentials/account-input.ts';
import { refuseDuplicate } from '../credentials/find-account.ts';
import { readImportSource, type ImportSource } from '../credentials/importers/import-sources.ts';
import { planImport, type PlannedAccount } from '../credentials/importers/plan-import.ts';
import { CcrError } from '../shared/errors.ts';
import { secretPlaces } from '../shared/secret-place.ts';
import { isLoginKind } from '../shared/types.ts';
import { askConsent } from './ask-consent.ts';
import type { CommandContext } from './context.ts';
import { importAccount, rowOf, type ImportedRow } from './import-account.ts';
import { knownAccounts } from './known-accounts.ts';
import { openSecretKeeper } from './open-secret-keeper.ts';
import type { GivenOptions } from './parse-command-line.ts';
import { printJson, printLines } from './print.ts';
import { removePlain, tellPlain, type PlainRemoval } from './remove-plain.ts';

const textOf = (options: GivenOptions, name: string): string | null => {
  const given = options[name];
  return typeof given === 'string' ? given : null;
};

const usage = (message: string, hint: string): CcrError => new CcrError('usage', message, { hint });

/** Refuses options that do not go with the source, before anything is read. */
const checkOptions = (from: string, options: GivenOptions): void => {
  const isClaudeCode = from === 'claude-code';
  if (options['link'] === true && options['copy'] === true) {
    throw usage('--link and --copy cannot both be', 'leave one of them out');
  }
  if (!isClaudeCode && options['link'] === true) {
    throw usage('only a login of Claude Code can be linked', 'accounts of other tools are copied');
  }
  if (isClaudeCode && options['remove-plain'] === true) {
    throw usage('Claude Code goes on using its login', 'leave --remove-plain out');
  }
};

const checkCount = ({ content, title }: ImportSource, name: string | null): void => {
  if (name === null || content.accounts.length === 1) return;
  throw usage(
    `--name is for one account, and ${title} has ${content.accounts.length}`,
    'leave it out: they keep their names; ccr-tui account rename gives another one',
  );
};

const sourceJson = (row: ImportedRow): Record<string, unknown> => ({
  ...(row.id !== null && { id: row.id }),
  name: row.name,
  kind: row.source.kind,
  baseUrl: row.baseUrl,
  action: row.action,
  reason: row.reason,
  notes: row.notes,
});

const placeOf = ({ store }: ImportedRow, link: boolean): string =>
  link || store === null ? "stays in Claude Code's own store" : `is in ${secretPlaces[store]}`;

const words = (row: ImportedRow, { link, isDry }: { link: boolean; isDry: boolean }): string[] => {
  const { name, source, action, reason, notes } = row;
  const notice = notes.map((note) => `  ${name}: ${note}`);
  if (action === 'skip') return [`skipped ${name}: ${reason ?? ''}`];
  if (action === 'failed') return [`failed ${name}: ${reason ?? ''}`];
  if (action === 'update') {
    return [`${isDry ? 'would renew' : 'renewed'} the login of ${name}: ${reason ?? ''}`];
  }
  if (isDry) return [`would add ${name} (${source.kind})`, ...notice];
  return [`added ${name} (${source.kind}); its ${secretName(row)} ${placeOf(row, link)}`, ...notice];
};

const secretName = ({ source }: ImportedRow): string =>
  ({ login: 'login', 'setup-token': 'token', 'api-key': 'key', compatible: 'key' })[source.kind];

type Outcome = { source: ImportSource; rows: readonly ImportedRow[]; link: boolean; isDry: boolean };

const tell = async (context: CommandContext, outcome: Outcome, plain: PlainRemoval | null): Promise<void> => {
  const { options, stdout } = context;
  const { source, rows } = outcome;
  const { left } = source.content;
  if (options['json'] === true) {
    const accounts = rows.map(sourceJson);
    const shown = { from: source.from, path: source.path, accounts, left };
    await printJson(stdout, plain === null ? shown : { ...shown, plain });
    return;
  }
  const lines = rows.flatMap((row) => words(row, outcome));
  const others = left.map(({ name, reason }) => `not taken ${name}: ${reason}`);
  await printLines(stdout, [...lines, ...others]);
};

/** Of logins that now lie with two programs. */
const copyWarning = (title: string): string =>
  `ccr-tui: note: these are copies of logins; when either side refreshes one, the other is logged out: stop ${title}, or give each a login of its own (ccr-tui account login)`;

const warn = async ({ stderr }: CommandContext, { source, rows, link }: Outcome): Promise<void> => {
  const added = rows.filter(({ action }) => action === 'add' || action === 'update');
  const notices = new Set(added.flatMap(({ notice }) => notice ?? []));
  const isCopy = !link && added.some(({ source: account }) => account.kind === 'login');
  await printLines(stderr, [
    ...[...notices].map((notice) => `ccr-tui: ${notice}`),
    ...(isCopy ? [copyWarning(source.title)] : []),
  ]);
};

const planFor = async (context: CommandContext, source: ImportSource) => {
  const { options, env } = context;
  const paths = resolvePaths(env);
  const { accounts, config } = loadSettings({ paths, env, flags: {} });
  const baseUrl = textOf(options, 'base-url');
  refuseOwnAddress(baseUrl, config);
  const keeper = await openSecretKeeper(context);
  const known = await knownAccounts(accounts, keeper);
  const name = textOf(options, 'name');
  const planned = planImport(source.content.accounts, { from: source.from, known, name, baseUrl });
  // A name that was given is what it is to be called, or nothing.
  if (name !== null && planned.some(({ action }) => action === 'add'))
    refuseDuplicate(accounts, checkName(name));
  return { records: accounts, keeper, planned };
};

const needsConsent = (planned: readonly PlannedAccount[]): boolean =>
  planned.some(({ action, source }) => action === 'add' && isLoginKind(source.kind));

/** `import SOURCE`: takes accounts over from Claude Code or another tool. One that fails is named; the others stand. */
export const run = async (context: CommandContext): Promise<number> => {
  const { positionals, options, env } = context;
  const from = positionals[0] ?? '';
  checkOptions(from, options);
  const source = await readImportSource({ from, path: textOf(options, 'path'), env });
  checkCount(source, textOf(options, 'name'));
  const link = source.blank === null && options['copy'] !== true;
  const { planned, records, keeper } = await planFor(context, source);
  if (options['dry-run'] === true) {
    await tell(context, { source, rows: planned.map(rowOf), link, isDry: true }, null);
    return 0;
  }
  const termsAcceptedAt = needsConsent(planned) ? await askConsent(context, records) : null;
  const rows: ImportedRow[] = [];
  for (const each of planned)
    rows.push(await importAccount(context, each, { source, link, termsAcceptedAt, keeper }));
  const outcome = { source, rows, link, isDry: false };
  await warn(context, outcome);
  const now = loadSettings({ paths: resolvePaths(env), env, flags: {} }).accounts;
  if (options['json'] !== true) await tell(context, outcome, null);
  const plain = await removePlain(context, { source, rows, records: now, keeper });
  if (options['json'] === true) await tell(context, outcome, plain);
  await tellPlain(context, source, plain);
  return rows.some(({ action }) => action === 'failed') || plain.end === 'failed' ? 1 : 0;
};
