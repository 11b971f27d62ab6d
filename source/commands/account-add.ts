import { resolvePaths } from '../config/paths.ts';
import { loadSettings } from '../config/settings.ts';
import { refuseDuplicate } from '../credentials/account-book.ts';
import { checkKind, checkNewAccount, refuseOwnAddress } from '../credentials/account-input.ts';
import type { CommandResults, NewAccount } from '../shared/commands.ts';
import { CcrError } from '../shared/errors.ts';
import { takeSecret } from '../shared/secret-bytes.ts';
import { secretPlaces } from '../shared/secret-place.ts';
import { accountJson, restingView } from './account-json.ts';
import { carryOut } from './carry-out.ts';
import type { CommandContext } from './context.ts';
import { openAccountBook } from './open-account-book.ts';
import type { GivenOptions } from './parse-command-line.ts';
import { printJson, printLines } from './print.ts';
import { readSecret } from './read-secret.ts';

type Added = CommandResults['account.add'];

const numberOf = (options: GivenOptions, name: string): number | null => {
  const text = options[name];
  if (typeof text !== 'string') return null;
  if (/^-?\d{1,9}(?:\.\d{1,9})?$/.test(text)) return Number(text);
  throw new CcrError('usage', `--${name}: wanted a number, got ${text}`);
};

const wanted = (name: string, options: GivenOptions): NewAccount => ({
  name,
  kind: checkKind(typeof options['kind'] === 'string' ? options['kind'] : 'api-key'),
  baseUrl: typeof options['base-url'] === 'string' ? options['base-url'] : null,
  priority: numberOf(options, 'priority'),
  weight: numberOf(options, 'weight'),
});

const addHere = async (
  context: CommandContext,
  account: NewAccount,
  bytes: Buffer,
  force: boolean,
): Promise<Added> => {
  const book = await openAccountBook(context);
  const { record, notice } = await book.add(account, takeSecret(bytes), { force });
  return { account: restingView(record, context.clock.now()), store: record.store, notice };
};

/** `account add NAME`: checks what was typed, takes the secret, stores it, then says where it lies. */
export const run = async (context: CommandContext): Promise<number> => {
  const { positionals, options, env, stdin, stdout, stderr, clock } = context;
  const account = wanted(positionals[0] ?? '', options);
  const force = options['force'] === true;
  const paths = resolvePaths(env);
  const { accounts, config } = loadSettings({ paths, env, flags: {} });
  // Everything but the secret is checked first: nobody should paste a key and then read that the name was wrong.
  refuseDuplicate(accounts, checkNewAccount(account).name);
  refuseOwnAddress(account.baseUrl, config);
  const bytes = await readSecret(stdin, stderr, `key for ${account.name} (not shown): `);
  if (bytes === null) return 130;
  try {
    const here = () => addHere(context, account, bytes, force);
    const added = await carryOut(context, 'account.add', { ...account, force }, here, () => bytes);
    if (added.notice !== null) await printLines(stderr, [`ccr-tui: ${added.notice}`]);
    if (options['json'] === true) await printJson(stdout, accountJson(added.account, clock.now()));
    else
      await printLines(stdout, [`added ${added.account.name}; its key is in ${secretPlaces[added.store]}`]);
    return 0;
  } finally {
    bytes.fill(0);
  }
};
